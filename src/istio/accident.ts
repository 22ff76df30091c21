import type { Finding } from '../finding.ts';
import { type Mesh, userTags } from './mesh.ts';

type Seen = Omit<Mesh, 'workloads' | 'pods' | 'makers'>;

/** What a command may not touch, beside what it is for. */
const WATCHED = {
  'the default tag': (mesh: Seen) => [mesh.defaultInjector, mesh.defaultService],
  'the default validator': (mesh: Seen) => mesh.defaultValidator,
  // A tenant's Gateway comes and goes while istioctl runs: what istioctl installed is what it could have changed (M39).
  'the gateways': (mesh: Seen) => mesh.installedGateways.map(({ fingerprint }) => fingerprint),
  'CNI or ztunnel': (mesh: Seen) => mesh.shared,
} satisfies Record<string, (mesh: Seen) => unknown>;

export type Watched = keyof typeof WATCHED;

/**
 * Promise 6: what changed between two looks although the command between them is not for that.
 *
 * @param command for the text, such as `istioctl install`
 * @param own the revision that the command is about; all other control planes must stay as they are
 * @param meant what it is meant to change
 * @param tag the revision tag that it is meant to change
 * @param telling what is said of each that changed, where the command itself is not all that may have changed it
 */
export function changedByAccident(
  before: Seen,
  after: Seen,
  {
    command,
    own,
    meant = [],
    tag,
    telling = byCommand(command),
  }: {
    command: string;
    own: string;
    meant?: readonly Watched[];
    tag?: string;
    telling?: Telling;
  },
): Finding[] {
  const others = (mesh: Seen): unknown =>
    mesh.planes.filter(({ revision }) => revision !== own).map(({ fingerprint }) => fingerprint);
  const otherTags = (mesh: Seen): unknown => userTags(mesh).filter((item) => item.tag !== tag);
  const looks: [string, (mesh: Seen) => unknown][] = [
    ...Object.entries(WATCHED).filter(([what]) => !meant.includes(what as Watched)),
    [tag === undefined ? 'the revision tags' : 'another revision tag', otherTags],
    ['another control plane', others],
  ];
  return looks
    .filter(([, read]) => JSON.stringify(read(before)) !== JSON.stringify(read(after)))
    .map(([what]) => ({ id: 'changed-by-accident', severity: 'error', ...telling(what) }));
}

type Telling = (what: string) => Pick<Finding, 'message' | 'remedy'>;

function byCommand(command: string): Telling {
  return (what) => ({
    message: `${command} changed ${what}, which it must not touch`,
    remedy:
      'Compare with the report of the precheck. Rollback puts back the default tag and validator first.',
  });
}

/** Of a removal, which waits for minutes until all is gone: somebody else may have changed it as well. */
export function whileRemoved(revision: string, goesOn: string): Telling {
  return (what) => ({
    message: `${what} changed while ${revision} was being removed (by istioctl uninstall, or by somebody else)`,
    remedy: `See who changed it (kubectl get … -o yaml --show-managed-fields), and put right what was not meant so. ${goesOn}`,
  });
}
