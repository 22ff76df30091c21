import { isDeepStrictEqual } from 'node:util';
import { Refusal } from '../api/refusal.ts';
import type { Change, Store } from '../api/store.ts';
import { FOREGROUND, type Verbs } from '../api/verbs.ts';
import { KINDS, type Kind, WORKLOADS } from '../kinds.ts';
import type { Pod, Status, Workload } from '../objects.ts';
import { orphanedSets, reconcileRollout, rolloutsOf } from './argo.ts';
import { bindClaims } from './claims.ts';
import { daemonSetStatus, reconcileDaemonSet } from './daemon-set.ts';
import { deploymentStatus, reconcileDeployment } from './deployment.ts';
import { KEEPERS, type Keeper, keeperStatus, keptBy, reconcileKeeper } from './owners.ts';
import { endPod, isOwned, ownedBy } from './pods.ts';
import { reconcileStatefulSet, statefulSetStatus } from './stateful-set.ts';

/** How long a workload whose pod was refused waits until it tries again; the pass itself comes a moment after a change. */
const RETRY_MS = 200;
const SOON_MS = 2;
/** The groups of what has pods. */
const GROUPS = ['apps', 'batch', 'argoproj.io'];

interface Controller {
  readonly reconcile: (store: Store, verbs: Verbs, workload: Workload) => void;
  readonly status: (workload: Workload, pods: readonly Pod[], failure: string | undefined) => Status;
}

const CONTROLLERS: Readonly<Record<string, Controller>> = {
  Deployment: { reconcile: reconcileDeployment, status: deploymentStatus },
  StatefulSet: { reconcile: reconcileStatefulSet, status: statefulSetStatus },
  DaemonSet: { reconcile: reconcileDaemonSet, status: daemonSetStatus },
};

/** The controllers of workloads: after changes they go over all of them, like Kubernetes' but less thrifty. */
export class Manager {
  readonly #store: Store;
  readonly #verbs: Verbs;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Infinity;

  constructor(store: Store, verbs: Verbs) {
    this.#store = store;
    this.#verbs = verbs;
  }

  /** Reacts to a change of a workload or pod: not at once, so that the change can be seen before what follows of it. */
  see({ kind }: Change): void {
    if (kind === KINDS.Pod || kind === KINDS.PersistentVolumeClaim || GROUPS.includes(kind.group))
      this.#schedule(SOON_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#dueAt = -Infinity;
  }

  #schedule(ms: number): void {
    const at = Date.now() + ms;
    if (at >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = setTimeout(() => {
      this.#dueAt = Infinity;
      this.#pass();
    }, ms);
    this.#timer.unref();
  }

  #pass(): void {
    bindClaims(this.#store);
    const workloads = WORKLOADS.flatMap((kind) => this.#store.list(kind));
    for (const workload of workloads) {
      if (workload.metadata.deletionTimestamp === undefined) this.#keep(workload);
      else this.#end(workload);
    }
    for (const rollout of rolloutsOf(this.#store)) {
      this.#tried(() => reconcileRollout(this.#store, this.#verbs, rollout));
    }
    orphanedSets(this.#store).forEach((set) => this.#store.remove(KINDS.ReplicaSet, set));
    for (const kind of KEEPERS) for (const keeper of this.#store.list<Keeper>(kind)) this.#hold(kind, keeper);
    this.#collect();
  }

  #keep(workload: Workload): void {
    const controller = CONTROLLERS[workload.kind];
    if (controller === undefined) return;
    const failure = this.#tried(() => controller.reconcile(this.#store, this.#verbs, workload));
    // Nothing changes when a rollout stands still, but its deadline may pass.
    if (workload.spec.progressDeadlineSeconds !== undefined) this.#schedule(RETRY_MS);
    this.#count(controller, workload, failure);
  }

  #count(controller: Controller, workload: Workload, failure: string | undefined): void {
    const { pods } = ownedBy(this.#store, workload);
    const status = controller.status(workload, pods, failure);
    if (!isDeepStrictEqual(status, workload.status))
      this.#store.put(kindOf(workload), { ...workload, status });
  }

  /** Does the work, or says why it was refused, and has it tried again. */
  #tried(work: () => void): string | undefined {
    try {
      work();
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#schedule(RETRY_MS);
      return error.message;
    }
  }

  #hold(kind: Kind<Keeper>, keeper: Keeper): void {
    if (keeper.metadata.deletionTimestamp !== undefined) {
      const pods = keptBy(this.#store, keeper);
      pods.forEach((pod) => endPod(this.#verbs, pod));
      if (pods.length === 0) this.#store.remove(kind, keeper);
      return;
    }
    this.#tried(() => reconcileKeeper(this.#store, this.#verbs, keeper));
    const status = keeperStatus(keeper, keptBy(this.#store, keeper));
    if (!isDeepStrictEqual(status, keeper.status)) this.#store.put(kind, { ...keeper, status });
  }

  /** A workload that is deleted in the foreground goes when its last pod has gone. */
  #end(workload: Workload): void {
    const { pods, ending } = ownedBy(this.#store, workload);
    pods.forEach((pod) => endPod(this.#verbs, pod));
    const { finalizers = [] } = workload.metadata;
    if (pods.length + ending.length === 0 && finalizers.every((item) => item === FOREGROUND)) {
      this.#store.remove(kindOf(workload), workload);
      return;
    }
    const controller = CONTROLLERS[workload.kind];
    if (controller !== undefined) this.#count(controller, workload, undefined);
  }

  /** Pods whose workload has gone go, too. */
  #collect(): void {
    const workloads = WORKLOADS.flatMap((kind) => this.#store.list(kind));
    const keepers = KEEPERS.flatMap((kind) =>
      this.#store.list<Keeper>(kind).map(({ metadata }) => metadata.uid),
    );
    for (const pod of this.#store.list(KINDS.Pod)) {
      const { ownerReferences = [], deletionTimestamp } = pod.metadata;
      const orphaned =
        ownerReferences.length > 0 &&
        !ownerReferences.some(({ uid }) => keepers.includes(uid)) &&
        !workloads.some((workload) => isOwned(pod, workload));
      if (orphaned && deletionTimestamp === undefined) endPod(this.#verbs, pod);
    }
  }
}

function kindOf({ kind }: Workload): (typeof WORKLOADS)[number] {
  const found = WORKLOADS.find((candidate) => candidate.kind === kind);
  if (found === undefined) throw new Error(`${kind} is no workload`);
  return found;
}
