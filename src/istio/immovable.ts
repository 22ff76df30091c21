import type { Finding } from '../finding.ts';
import { type Mesh, type MeshPod, type Workload, WORKLOAD_KINDS, nameOf } from './mesh.ts';
import { ownerKey } from './moves.ts';
import { LABEL_INJECTION, LABEL_REVISION, UNREVISIONED } from './names.ts';

/** So many workloads of a namespace are named. */
const NAMED = 4;

/** Of some pods with a proxy those of a workload that nothing injects any more, by namespace: a restart takes the proxy away. */
export function forsakenOf(
  { workloads }: Pick<Mesh, 'workloads'>,
  pods: readonly MeshPod[],
): Map<string, MeshPod[]> {
  const known = new Set(workloads.map(nameOf));
  return Map.groupBy(
    pods.filter((pod) => isRestartable(pod) && !known.has(ownerKey(pod))),
    ({ namespace }) => namespace,
  );
}

/** Whether a pod is of a workload, which a restart replaces. */
export function isRestartable({ owner }: MeshPod): boolean {
  return WORKLOAD_KINDS.some((kind) => kind === owner?.kind);
}

/**
 * Says it of one namespace.
 *
 * @param revision that serves, and whose label the namespace can have back
 * @param mayStay whether the phase can end while they stay as they are
 */
export function restartLosesSidecar(
  namespace: string,
  pods: readonly MeshPod[],
  { revision, severity, mayStay }: { revision: string; severity: Finding['severity']; mayStay: boolean },
): Finding {
  const owners = [...new Set(pods.map(({ owner, name }) => owner?.name ?? name))];
  const names = owners.length > NAMED ? [`${namespace}/*`] : owners.map((name) => `${namespace}/${name}`);
  const accepted = mayStay ? `; or accept that it stays behind: allow-stragglers: ${names.join(', ')}` : '';
  return {
    id: 'restart-loses-sidecar',
    severity,
    object: `Namespace ${namespace}`,
    message: `nothing chooses a control plane any more for ${listed(owners)}, whose pods have a sidecar: a restart would take it away`,
    remedy: `Give the namespace its label back (\`${labelling(namespace, revision)}\`), or the template; or restart it yourself, if it is to have no sidecar${accepted}. Then run the phase again.`,
  };
}

/** Says it of a workload whose rollout does not replace all its pods. */
export function workloadWillNotMove(
  workload: Workload,
  reason: string,
  severity: Finding['severity'],
): Finding {
  return {
    id: 'workload-will-not-move',
    severity,
    object: nameOf(workload),
    message: `a restart does not replace all its pods: ${reason}`,
    remedy: accept(workload, 'Change that'),
  };
}

/** Says it of a pod that no restart of ours replaces. */
export function podWillNotMove({ namespace, name, owner }: MeshPod, severity: Finding['severity']): Finding {
  return {
    id: 'pod-will-not-move',
    severity,
    object: `Pod ${namespace}/${name}`,
    message: `no workload that this Action may restart owns it (${owner === undefined ? 'no owner' : `${owner.kind} ${owner.name}`})`,
    remedy: accept(
      owner === undefined ? { namespace, name } : { namespace, name: owner.name },
      owner?.kind === 'Job' ? 'Wait until the Job has ended' : 'Replace or remove it',
    ),
  };
}

function accept(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  otherwise: string,
): string {
  return `${otherwise}, or accept that it stays behind: allow-stragglers: ${namespace}/${name}`;
}

/** `istio-injection` beats a revision, whatever it says, so one that stands in the way goes. */
export function labelling(namespace: string, revision: string): string {
  const label =
    revision === UNREVISIONED
      ? `${LABEL_INJECTION}=enabled`
      : `${LABEL_INJECTION}- ${LABEL_REVISION}=${revision}`;
  return `kubectl label namespace ${namespace} ${label} --overwrite`;
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return [...names.slice(0, NAMED), ...(more > 0 ? [`${String(more)} more`] : [])].join(', ');
}
