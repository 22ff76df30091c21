/**
 * The commands by which a played upgrade changes the cluster, in their order: canary, rollback, canary, and promote with
 * the removal, or (1.6.14) canary and promote with the removal. test/suite/versions.test.ts sees them called on the embedded
 * cluster; test/unit/istioctl/chapters.test.ts holds them against the documents of the target's release.
 */
export const PLAYED_CALLS: Readonly<Record<string, readonly string[]>> = {
  '1.6.14': ['install --revision 1-6-14 --wait -y'],
  '1.7.8': ['install --revision 1-7-8 -y', 'install --revision 1-7-8 -y'],
  '1.8.6': ['install --revision 1-8-6 -y', 'install --revision 1-8-6 -y'],
  '1.10.6': ['install --revision 1-10-6 -y', 'install --revision 1-10-6 -y'],
  // Promote comes before the rollback here: the tag is moved by the target's istioctl, and back by the one before.
  '1.11.8': [
    'install --revision 1-11-8 -y',
    'tag set prod --revision 1-11-8 --overwrite',
    'x revision tag set prod --revision default --overwrite',
    'x uninstall --revision 1-11-8 -y',
    'install --revision 1-11-8 -y',
    'tag set prod --revision 1-11-8 --overwrite',
  ],
  '1.14.6': [
    'install --revision 1-14-6 -y',
    'x uninstall --revision 1-14-6 -y',
    'install --revision 1-14-6 -y',
    'tag set prod --revision 1-14-6 --overwrite -y',
    'tag set default --revision 1-14-6 --overwrite -y',
    'x uninstall --revision default -y',
  ],
  '1.20.8': [
    'install --revision 1-20-8 -y',
    'uninstall --revision 1-20-8 -y',
    'install --revision 1-20-8 -y',
    'tag set prod --revision 1-20-8 --overwrite -y',
    'tag set default --revision 1-20-8 --overwrite -y',
    'uninstall --revision default -y',
  ],
};

/**
 * The same in place (test/suite/versions-in-place.test.ts): canary, rollback, canary and promote. On the way back the newer
 * istioctl installs the older proxy first, but between 1.6 and 1.5, where it can't.
 */
export const PLAYED_IN_PLACE: Readonly<Record<string, readonly string[]>> = {
  '1.5.10': [
    'manifest apply --wait -y',
    'manifest apply --wait -y',
    'manifest apply --wait -y',
    'manifest apply --wait -y',
  ],
  '1.6.14': ['install --wait -y', 'manifest apply --wait -y', 'install --wait -y'],
  '1.7.8': ['install -y', 'install -y', 'install --wait -y', 'install -y'],
  '1.8.6': ['install -y', 'install -y', 'install -y', 'install -y'],
};

/** Of what a run has logged, the commands that change something, without files, limits and access. */
export function changingCalls(log: string): string[] {
  return [...log.matchAll(/^::debug::istioctl (.*)$/gm)]
    .map(([, line = '']) => line)
    .filter((line) => /^(x )?(revision )?(install|uninstall|manifest apply|tag (set|remove))\b/.test(line))
    .filter((line) => !line.includes('--dry-run'))
    .map((line) =>
      line.replaceAll(
        / (-f|--readiness-timeout|--istioNamespace|--kubeconfig|--context|--kubeclient-timeout) \S+/g,
        '',
      ),
    );
}
