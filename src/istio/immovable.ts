import type { Finding } from '../finding.ts';
import { firstOf } from './first-of.ts';
import { type Mesh, type MeshPod, type Workload, WORKLOAD_KINDS, nameOf } from './mesh.ts';
import { ownerKey, stuckBecause } from './moves.ts';
import { LABEL_INJECTION, LABEL_REVISION, UNREVISIONED } from './names.ts';
import { cronJobOf } from './stragglers.ts';

/** So many workloads of a namespace are named. */
const NAMED = 4;

type Owners = Pick<Mesh, 'workloads' | 'byHand'>;

/** Of some pods with a proxy those of a workload that nothing injects any more, by namespace: a restart takes the proxy away. */
export function forsakenOf(mesh: Owners, pods: readonly MeshPod[]): Map<string, MeshPod[]> {
  return Map.groupBy(
    unknownOf(mesh, pods).filter((pod) => whyOrphan(mesh, pod) === undefined),
    ({ namespace }) => namespace,
  );
}

/** Of some pods with a proxy those whose workload is not there, or gives them their proxy by hand: no restart moves them. */
export function orphansOf(mesh: Owners, pods: readonly MeshPod[]): MeshPod[] {
  return unknownOf(mesh, pods).filter((pod) => whyOrphan(mesh, pod) !== undefined);
}

/** Of some pods with a proxy those that no restart of ours replaces. */
export function unmovableOf(mesh: Owners, pods: readonly MeshPod[]): MeshPod[] {
  return [...pods.filter((pod) => !isRestartable(pod)), ...orphansOf(mesh, pods)];
}

/** Pods of a workload that is none of the mesh's. */
function unknownOf({ workloads }: Owners, pods: readonly MeshPod[]): MeshPod[] {
  const known = new Set(workloads.map(nameOf));
  return pods.filter((pod) => isRestartable(pod) && !known.has(ownerKey(pod)));
}

/** Undefined where it is neither. The owner is known by its name alone, and labels that ask for a sidecar still get one. */
function whyOrphan({ byHand = [] }: Owners, pod: MeshPod): string | undefined {
  if (byHand.some((template) => nameOf(template) === ownerKey(pod)))
    return 'its template has its proxy by hand (istioctl kube-inject)';
  return pod.injectedBy.length > 0
    ? 'it is not there, or its template asks for no sidecar any more'
    : undefined;
}

/**
 * A pod without a sidecar that alone asks for one, as by a label that somebody put on it: neither its namespace nor its
 * template does, so the next one has none either.
 */
export function asksAlone(
  { workloads, namespaces }: Pick<Mesh, 'workloads' | 'namespaces'>,
  pod: MeshPod,
): boolean {
  return (
    pod.revision === undefined &&
    namespaces.some(({ name, injectedBy }) => name === pod.namespace && injectedBy.length === 0) &&
    !workloads.some((workload) => nameOf(workload) === ownerKey(pod))
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
 */
export function restartLosesSidecar(
  namespace: string,
  pods: readonly MeshPod[],
  { revision, severity, mayStay }: Saying & { readonly revision: string },
): Finding {
  const owners = [...new Set(pods.map(({ owner, name }) => owner?.name ?? name))];
  const names = owners.length > NAMED ? [`${namespace}/*`] : owners.map((name) => `${namespace}/${name}`);
  const accepted = mayStay ? `; or accept that it stays behind: allow-stragglers: ${names.join(', ')}` : '';
  return {
    id: 'restart-loses-sidecar',
    severity,
    object: `Namespace ${namespace}`,
    message: `nothing chooses a control plane any more for ${firstOf(owners, NAMED, ', ')}, whose pods have a sidecar: a restart would take it away`,
    remedy: `Give the namespace its label back (\`${labelling(namespace, revision)}\`), or the template; or restart it yourself, if it is to have no sidecar${accepted}. Then run the phase again.`,
  };
}

/** How a finding is said. */
export interface Saying {
  readonly severity: Finding['severity'];
  /** Whether the phase can end while it stays as it is: with `allow-stragglers`. */
  readonly mayStay: boolean;
}

/** Says it of each workload that has one of these pods, and whose rollout does not replace them all. */
export function workloadsWillNotMove(
  { workloads }: Pick<Mesh, 'workloads'>,
  pods: readonly MeshPod[],
  saying: Saying,
): Finding[] {
  const byOwner = Map.groupBy(pods, ownerKey);
  return workloads.flatMap((workload) => {
    const staying = byOwner.get(nameOf(workload));
    const reason = staying === undefined ? undefined : stuckBecause(workload);
    return reason === undefined ? [] : [workloadWillNotMove(workload, reason, saying, staying)];
  });
}

/**
 * Says it of a workload whose rollout does not replace all its pods.
 *
 * @param staying its pods that are on the wrong side
 */
export function workloadWillNotMove(
  workload: Workload,
  reason: string,
  { severity, mayStay }: Saying,
  staying: readonly MeshPod[] = [],
): Finding {
  return {
    id: 'workload-will-not-move',
    severity,
    object: nameOf(workload),
    message: `a restart does not replace all its pods: ${reason}`,
    remedy: mayStay
      ? accept(workload, 'Change that')
      : `Change that, or ${severity === 'error' ? '' : 'once the rest has moved '}delete those of its pods that stay behind (kubectl delete pod ${podsOf(staying)} -n ${workload.namespace}: they are made anew on the right side).`,
  };
}

function podsOf(pods: readonly MeshPod[]): string {
  return pods.length > NAMED ? 'PODS' : pods.map(({ name }) => name).join(' ');
}

/** Says it of a pod that no restart of ours replaces. */
export function podWillNotMove(mesh: Owners, pod: MeshPod, { severity, mayStay }: Saying): Finding {
  const { namespace, name, owner } = pod;
  const orphan = isRestartable(pod) ? whyOrphan(mesh, pod) : undefined;
  const said =
    owner === undefined
      ? 'no owner'
      : `${owner.kind} ${owner.name}${orphan === undefined ? '' : `: ${orphan}`}`;
  return {
    id: 'pod-will-not-move',
    severity,
    object: `Pod ${namespace}/${name}`,
    message: `no workload that this Action may restart owns it (${said})`,
    remedy: mayStay
      ? comesBack(pod) +
        accept(
          owner === undefined ? { namespace, name } : { namespace, name: cronJobOf(owner) ?? owner.name },
          owner?.kind === 'Job' ? 'Wait until the Job has ended' : 'Replace or remove it',
        )
      : `${owner?.kind === 'Job' ? 'Wait until the Job has ended, or remove its pod' : 'Replace or remove it'} (\`kubectl delete pod ${name} -n ${namespace}\`).`,
  };
}

/** Replaced before its namespace has moved, what somebody else makes comes from the same injector again. */
function comesBack({ owner, revision, injectedBy }: MeshPod): string {
  return owner !== undefined &&
    owner.kind !== 'Job' &&
    revision !== undefined &&
    injectedBy.includes(revision)
    ? `Until its namespace has moved, it comes back on ${revision}: accept that it stays behind, and restart it after that. `
    : '';
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
