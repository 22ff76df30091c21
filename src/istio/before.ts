import { type Mesh, type MeshNamespace, type Workload, nameOf } from './mesh.ts';
import type { Release } from '../record/record.ts';
import { knowsDefaultTag } from './movable-default.ts';
import { ownerKey } from './moves.ts';
import { attemptOf, restartMarkOf } from './restart-mark.ts';
import { isHealthy } from './rollout.ts';
import type { Matches, Sides } from './side.ts';

/**
 * How it was before: what was wrong then is no reason to hold the upgrade up or to call it failed as long as it gets no
 * worse (promise 13), and what was right has to stay so. Workloads and pods by `Kind namespace/name`.
 */
export interface Before {
  /** Workloads that were not healthy before their restart. */
  readonly troubled: ReadonlySet<string>;
  /** Workloads that a webhook selects and whose pods the injector leaves alone all the same (M27). */
  readonly declined: ReadonlySet<string>;
  /**
   * Pods on the revision that a rollback goes to that were not in sync, not connected, or without a
   * sidecar, when it began (M22); and
   * workloads with such a pod before they were restarted: what could not be reached then need not be now.
   */
  readonly unsynced: ReadonlySet<string>;
  /** Of these workloads, those with a pod that was not connected at all. */
  readonly unconnected: ReadonlySet<string>;
  /**
   * Uids of pods that no restart replaces and that were of the target's version before a downgrade in place began: an upgrade
   * had left them behind by leave. Its way back leaves them, too. None on the way up: they would be newer than their istiod.
   */
  readonly standing: ReadonlySet<string>;
  readonly served: Served;
}

/** What a control plane of this mesh injected when this run began. */
export interface Served {
  /** Namespaces, and how each chose it. */
  readonly namespaces: ReadonlyMap<string, MeshNamespace['choice']>;
  /** Workloads whose template chooses a revision or a tag itself. */
  readonly templates: ReadonlySet<string>;
  /** Whether somebody injected what names no revision: also pods that ask by `sidecar.istio.io/inject` alone. */
  readonly byDefault: boolean;
}

export const NOTHING_BEFORE: Before = {
  troubled: new Set(),
  declined: new Set(),
  unsynced: new Set(),
  unconnected: new Set(),
  standing: new Set(),
  served: { namespaces: new Map(), templates: new Set(), byDefault: false },
};

/**
 * What {@link Before.served} is while the run begins. A default that no upgrade moves goes with its control plane, and is
 * nobody's loss.
 */
export function servedNow(
  { namespaces, workloads, defaultInjector }: Pick<Mesh, 'namespaces' | 'workloads' | 'defaultInjector'>,
  sides: Sides,
): Served {
  const injected = ({ injectedBy }: MeshNamespace | Workload): boolean => injectedBy.length > 0;
  return {
    namespaces: new Map(namespaces.filter(injected).map(({ name, choice }) => [name, choice])),
    templates: new Set(
      workloads.filter((workload) => workload.pinnedRevision !== undefined && injected(workload)).map(nameOf),
    ),
    byDefault: defaultInjector.length > 0 && knowsDefaultTag(sides),
  };
}

/** So many names are kept in the record: a mesh with more broken workloads than that has another problem. */
export const KEPT = 500;

/** Whose restarts count as this upgrade's. */
export interface Doing {
  readonly attempt: string;
  /** When it began, where a record tells: what it has moved is known from then on, whether its mark is there or not. */
  readonly begunAt?: string | undefined;
  /**
   * The target, where no record tells the attempt's name any more: a restart for it is then taken for this upgrade's,
   * whichever attempt it names, where pods are still born on it. Undefined where the record tells.
   */
  readonly forgotten?: Release;
}

/**
 * Of what an earlier run of the attempt has found broken, what still is: who got well since has no excuse any more, and
 * breaks by what is done now.
 */
export function stillTroubled({ workloads }: Pick<Mesh, 'workloads'>, known: readonly string[]): string[] {
  const well = new Set(workloads.filter(({ rollout }) => isHealthy(rollout)).map(nameOf));
  return known.filter((name) => !well.has(name));
}

/** What a run has found before it began, without the excuse of who got well meanwhile: it is judged as it is now (M21). */
export function stillBefore<T extends Pick<Before, 'troubled'>>(mesh: Pick<Mesh, 'workloads'>, before: T): T {
  return { ...before, troubled: new Set(stillTroubled(mesh, [...before.troubled])) };
}

/**
 * Workloads that are not healthy, and were not moved by this upgrade: what is wrong with them was so before. Those that
 * istiod makes for a Gateway bear no mark of ours, also where our label rolls them: they have no excuse. Nor has what is on
 * the target and is older than the upgrade: `kubectl rollout undo` takes the mark off, and not the pods off the target.
 *
 * @param there whether a pod is on the target
 * @param known what an earlier run of the attempt has found
 */
export function troubledBefore(
  mesh: Pick<Mesh, 'workloads' | 'pods'>,
  doing: Doing,
  there: Matches,
  known: readonly string[],
): Set<string> {
  // Restarted, so it was well in between: what is wrong with it now is ours.
  const ours = new Set(mesh.workloads.filter((workload) => isOurs(workload, doing)).map(nameOf));
  const found = stillTroubled(mesh, known).filter((name) => !ours.has(name));
  const moved = new Set(mesh.pods.filter(there).map(ownerKey));
  const isMoved = (workload: Workload): boolean =>
    doing.begunAt !== undefined && (workload.createdAt ?? '') < doing.begunAt && moved.has(nameOf(workload));
  const now = mesh.workloads.filter(
    (workload) =>
      workload.ofGateway !== true &&
      !isHealthy(workload.rollout) &&
      !ours.has(nameOf(workload)) &&
      !isMoved(workload),
  );
  return new Set([...found, ...now.map(nameOf)].slice(0, KEPT));
}

/** Whether its template bears the mark of a restart of this upgrade: what follows from that is ours to answer for. */
export function isOurs(
  { restartedFor = '', injectedBy }: Pick<Workload, 'restartedFor' | 'injectedBy'>,
  { attempt, forgotten }: Doing,
): boolean {
  if (attemptOf(restartedFor) === attempt) return true;
  return (
    forgotten !== undefined &&
    restartedFor.startsWith(restartMarkOf(forgotten)) &&
    injectedBy.includes(forgotten.revision)
  );
}
