import type { Store } from '../api/store.ts';
import type { Verbs } from '../api/verbs.ts';
import { KINDS, type Kind, definedBy } from '../kinds.ts';
import type { KubeObject, ReplicaSet, Workload } from '../objects.ts';
import { keptBy } from './owners.ts';
import { isReady } from './pod-status.ts';
import { endPod, hashOf } from './pods.ts';

const HASH = 'rollouts-pod-template-hash';

/** Argo's Rollouts; none while nobody has installed their CRD. */
export function rolloutsOf(store: Store): Workload[] {
  const kind = rolloutKind(store);
  return kind === undefined ? [] : store.list(kind);
}

function rolloutKind(store: Store): Kind<Workload> | undefined {
  return store
    .list(KINDS.CustomResourceDefinition)
    .flatMap(definedBy)
    .find(({ group, kind }) => group === 'argoproj.io' && kind === 'Rollout') as Kind<Workload> | undefined;
}

/**
 * A ReplicaSet for each template, owned by the Rollout, as Argo's controller makes them; without its steps: the older
 * ones go once all pods of the newest are ready. Pods that are older than `spec.restartAt` are ended.
 */
export function reconcileRollout(store: Store, verbs: Verbs, rollout: Workload): void {
  const { metadata, spec } = rollout;
  const { name, namespace, uid } = metadata;
  const { replicas = 1, selector, template, restartAt } = spec;
  const place = { kind: KINDS.ReplicaSet, namespace };
  const hash = hashOf(template);
  const sets = store.list(KINDS.ReplicaSet, namespace).filter((set) => isOf(set, rollout));
  const current = sets.find((set) => set.metadata.labels?.[HASH] === hash);
  if (current === undefined) {
    const labels = { ...template.metadata?.labels, [HASH]: hash };
    verbs.create(
      place,
      {
        metadata: {
          name: `${name}-${hash}`,
          labels,
          ownerReferences: [
            { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name, uid, controller: true },
          ],
        },
        spec: {
          replicas,
          selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH]: hash } },
          template: { ...template, metadata: { ...template.metadata, labels } },
        },
      },
      { dryRun: false },
    );
    return;
  }
  if (current.spec.replicas !== replicas) {
    const scaled = { ...current, spec: { ...current.spec, replicas } };
    verbs.update(place, current.metadata.name, () => scaled, { dryRun: false });
  }
  const pods = keptBy(store, current);
  if (pods.filter(isReady).length < replicas) return;
  for (const set of sets) if (set !== current) store.remove(KINDS.ReplicaSet, set);
  const since = Date.parse(restartAt ?? '');
  pods
    .filter(({ metadata: pod }) => Date.parse(pod.creationTimestamp) < since)
    .forEach((pod) => endPod(verbs, pod));
}

function isOf({ metadata }: KubeObject, { metadata: { uid } }: Workload): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
}

/** ReplicaSets whose Rollout has gone. */
export function orphanedSets(store: Store): ReplicaSet[] {
  const rollouts = rolloutsOf(store);
  return store
    .list(KINDS.ReplicaSet)
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ kind }) => kind === 'Rollout') === true)
    .filter((set) => !rollouts.some((rollout) => isOf(set, rollout)));
}
