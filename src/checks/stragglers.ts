import { type Finding, distinct } from '../finding.ts';
import { injectedByOnceDefault } from '../istio/injection.ts';
import { type MeshPod, WORKLOAD_KINDS, nameOf } from '../istio/mesh.ts';
import { ownerKey, stuckBecause, toReplace } from '../istio/moves.ts';
import { LABEL_REVISION } from '../istio/names.ts';
import { type Placed, covers } from '../istio/scope.ts';
import { isInPlace, onSide } from '../istio/side.ts';
import { capped } from './capped.ts';
import type { Check, CheckView } from './check.ts';
import { missesDefault } from './default-revision.ts';

/** So many workloads of a namespace are named. */
const NAMED = 4;

/**
 * What a restart does not move, or leaves without its sidecar, is settled before anything is touched: by hand, or by leave to stay behind (M23, M24). An
 * error where the phase would move it; canary tells what promote will be refused for. Precheck speaks for all phases.
 */
export const stragglers: Check = (view) => {
  const { mesh, upgrade, before } = view;
  const here = isHere(view);
  const severity = (item: Placed): Finding['severity'] => (here(item) ? 'error' : 'warning');
  const behind = onSide(upgrade, 'from');
  const moving = new Set(mesh.pods.filter(behind).map(({ namespace }) => namespace));
  // A namespace that has moved is injected by the target, while the pods that stayed by leave are still on the old one.
  const kept = new Set(mesh.pods.filter(behind).map(ownerKey));
  const stuck = mesh.workloads.flatMap((workload): Finding[] => {
    const reason = stuckBecause(workload);
    if (reason === undefined || workload.accepted) return [];
    // In place the injector is the same on both sides: only pods tell what is still to be moved.
    const comes = !isInPlace(upgrade) && workload.injectedBy.includes(upgrade.from.revision);
    if (!comes && !kept.has(nameOf(workload))) return [];
    return [
      {
        id: 'workload-will-not-move',
        severity: severity(workload),
        object: nameOf(workload),
        message: `a restart does not replace all its pods: ${reason}`,
        remedy: accept(workload, 'Change that'),
      },
    ];
  });
  const { stragglers: staying } = toReplace(mesh, behind, before, upgrade);
  const known = new Set(mesh.workloads.map(nameOf));
  const cured = curedByDefault(view);
  const forsaken = [
    ...Map.groupBy(
      staying.filter((pod) => isRestartable(pod) && !known.has(ownerKey(pod)) && !cured.has(pod.namespace)),
      ({ namespace }) => namespace,
    ),
  ].map(([namespace, pods]): Finding => {
    const owners = [...new Set(pods.map(({ owner, name }) => owner?.name ?? name))];
    return {
      id: 'restart-loses-sidecar',
      severity: pods.some(here) ? 'error' : 'warning',
      object: `Namespace ${namespace}`,
      message: `nothing chooses a control plane any more for ${listed(owners)}, whose pods have a sidecar: a restart would take it away`,
      remedy: `Give the namespace, or the template, its label back (${LABEL_REVISION}=${upgrade.from.revision}); or restart it yourself, if it is to have no sidecar; or accept that it stays behind: allow-stragglers: ${owners.length > NAMED ? `${namespace}/*` : owners.map((name) => `${namespace}/${name}`).join(', ')}`,
    };
  });
  const unowned = staying
    .filter((pod) => !isRestartable(pod))
    .map((pod): Finding => {
      const { namespace, name, owner } = pod;
      return {
        id: 'pod-will-not-move',
        severity: severity(pod),
        object: `Pod ${namespace}/${name}`,
        message: `no workload that this Action may restart owns it (${owner === undefined ? 'no owner' : `${owner.kind} ${owner.name}`})`,
        remedy: accept(
          owner === undefined ? { namespace, name } : { namespace, name: owner.name },
          owner?.kind === 'Job' ? 'Wait until the Job has ended' : 'Replace or remove it',
        ),
      };
    });
  const bare = mesh.pods
    .filter(({ revision, terminating, accepted }) => revision === undefined && !terminating && !accepted)
    .map(({ namespace, name, injectedBy, owner }): Finding => {
      const workload = owner === undefined ? '' : nameOf({ ...owner, namespace });
      return before.declined.has(workload)
        ? {
            id: 'injection-declined',
            severity: 'info',
            object: workload,
            message: `a webhook selects its pods, and istiod of ${injectedBy.join(' and ')} leaves them without a sidecar (its own rules, or what the pod says)`,
            remedy: 'Nothing, if that is meant so: it stays as it is.',
          }
        : {
            id: 'pod-without-sidecar',
            severity: 'warning',
            object: `Pod ${namespace}/${name}`,
            message: `it has no sidecar although ${injectedBy.join(' and ')} would inject it now`,
            remedy:
              'It was born before its namespace was labelled, or while no injector answered. A restart gives it one.',
          };
    });
  return [moving.size === 0 ? [] : stuck, forsaken, unowned, distinct(bare)].flatMap((findings) =>
    capped(findings),
  );
};

/** The namespaces that somebody injects again once the missing default is made, which another finding asks for. */
function curedByDefault({ mesh, upgrade }: CheckView): Set<string> {
  const { revision } = upgrade.from;
  const would = missesDefault(mesh, upgrade)
    ? mesh.namespaces.filter(
        ({ labels }) => injectedByOnceDefault(mesh.injectors, revision, labels).length > 0,
      )
    : [];
  return new Set(would.map(({ name }) => name));
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return [...names.slice(0, NAMED), ...(more > 0 ? [`${String(more)} more`] : [])].join(', ');
}

function isRestartable({ owner }: MeshPod): boolean {
  return WORKLOAD_KINDS.some((kind) => kind === owner?.kind);
}

/** Where the phase itself would move it. */
function isHere({ phase, upgrade: { scope } }: CheckView): (item: Placed) => boolean {
  return phase === 'canary' ? (item) => covers(scope, item) : () => true;
}

function accept(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  otherwise: string,
): string {
  return `${otherwise}, or accept that it stays behind: allow-stragglers: ${namespace}/${name}`;
}
