/**
 * What people run today instead of the Action: the page "Canary Upgrades" of istio.io as a script. It looks at nothing
 * before and proves nothing after; it is here to be compared with.
 */
export interface Plain {
  readonly old: string;
  readonly target: string;
  readonly version: string;
  readonly previous: string;
}

type Bash = string;

const ROLLOUT: Bash = `
restart() {
  for ns in "$@"; do
    kubectl rollout restart deployment,statefulset,daemonset -n "$ns"
    for workload in $(kubectl get deployment,statefulset,daemonset -n "$ns" -o name); do
      kubectl rollout status "$workload" -n "$ns" --timeout=5m
    done
  done
}
`;

/** The script of one phase, for namespaces that are labelled with a revision or for the default. */
export function plainScript(
  phase: 'precheck' | 'canary' | 'promote' | 'remove' | 'rollback',
  { old, target, version, previous }: Plain,
  namespaces: readonly string[],
): string {
  const all = namespaces.join(' ');
  const scripts: Record<typeof phase, Bash> = {
    precheck: `istioctl-${version} x precheck`,
    canary: `
      istioctl-${version} install --set profile=minimal --revision ${target} -y
      kubectl label namespace ${all} istio-injection- istio.io/rev=${target} --overwrite
      restart ${all}`,
    promote: `
      kubectl label namespace ${all} istio-injection- istio.io/rev=${target} --overwrite
      istioctl-${version} tag set default --revision ${target} --overwrite -y
      restart ${all}
      istioctl-${version} proxy-status --revision ${target}`,
    remove: `
      istioctl-${version} proxy-status --revision ${old}
      istioctl-${version} uninstall --revision ${old} -y`,
    rollback: `
      kubectl label namespace ${all} istio-injection- istio.io/rev=${old} --overwrite
      restart ${all}
      istioctl-${previous} proxy-status --revision ${old}
      istioctl-${version} uninstall --revision ${target} -y`,
  };
  return `set -euo pipefail\n${ROLLOUT}\n${scripts[phase]}\n`;
}
