import { GONE } from '../decide/sides.ts';
import { type Finding, distinct } from '../finding.ts';
import { injectedByOnceDefault } from '../istio/injection.ts';
import {
  asksAlone,
  forsakenOf,
  podWillNotMove,
  restartLosesSidecar,
  unmovableOf,
  workloadWillNotMove,
} from '../istio/immovable.ts';
import { type MeshPod, nameOf } from '../istio/mesh.ts';
import { ownerKey, stuckBecause, toReplace } from '../istio/moves.ts';
import { type Placed, covers } from '../istio/scope.ts';
import { isInPlace, onSide } from '../istio/side.ts';
import { capped } from './capped.ts';
import type { Check, CheckView } from './check.ts';
import { missesDefault } from './default-revision.ts';

/**
 * What a restart does not move, or leaves without its sidecar, is settled before anything is touched: by hand, or by leave to stay behind (M23, M24). An
 * error where the phase would move it; canary tells what promote will be refused for. Precheck speaks for all phases.
 */
export const stragglers: Check = (view) => {
  const { mesh, upgrade, before } = view;
  const here = isHere(view);
  // What stays holds the control plane that is to go.
  const mayStay = !view.removal.removeOld;
  const severity = (item: Placed): Finding['severity'] => (here(item) ? 'error' : 'warning');
  const behind = onSide(upgrade, 'from');
  const there = onSide(upgrade, 'to');
  const elsewhere = (pod: MeshPod): boolean => pod.revision !== undefined && !there(pod);
  const moving = new Set(mesh.pods.filter(behind).map(({ namespace }) => namespace));
  // A namespace that has moved is injected by the target, while the pods that stayed by leave are still on the old one.
  const kept = new Set(mesh.pods.filter(behind).map(ownerKey));
  const stuck = mesh.workloads.flatMap((workload): Finding[] => {
    const reason = stuckBecause(workload);
    if (reason === undefined || workload.accepted) return [];
    // In place the injector is the same on both sides: only pods tell what is still to be moved.
    const comes = !isInPlace(upgrade) && workload.injectedBy.includes(upgrade.from.revision);
    if (!comes && !kept.has(nameOf(workload))) return [];
    return [workloadWillNotMove(workload, reason, { severity: severity(workload), mayStay })];
  });
  // Also of a control plane that is long gone, or a third one: promote moves all that is not on the target.
  const { stragglers: staying } = toReplace(mesh, elsewhere, before, upgrade);
  const cured = curedByDefault(view);
  const forsaken = [...forsakenOf(mesh, staying)]
    .filter(([namespace]) => !cured.has(namespace))
    .map(([namespace, pods]) =>
      restartLosesSidecar(namespace, pods, {
        // What is gone serves nobody.
        revision: (upgrade.from === GONE ? upgrade.to : upgrade.from).revision,
        severity: pods.some(here) ? 'error' : 'warning',
        mayStay,
      }),
    );
  const unowned = unmovableOf(mesh, staying).map((pod) =>
    podWillNotMove(mesh, pod, { severity: severity(pod), mayStay }),
  );
  const bare = mesh.pods
    .filter(({ revision, terminating, accepted }) => revision === undefined && !terminating && !accepted)
    .map((pod): Finding => {
      const { namespace, name, injectedBy, owner } = pod;
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
            remedy: asksAlone(mesh, pod)
              ? 'Its own labels ask for one, and no template that is injected makes it: nobody waits for it, and a restart gives it none. If it is to have one, label its namespace or its template.'
              : 'It was born before its namespace was labelled, or while no injector answered. A restart gives it one.',
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

/** Where the phase itself would move it. */
function isHere({ phase, upgrade: { scope } }: CheckView): (item: Placed) => boolean {
  return phase === 'canary' ? (item) => covers(scope, item) : () => true;
}
