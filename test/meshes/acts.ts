import type { Manifest } from './workloads.ts';

/** What happens in a story, as data: it can be printed, shrunk and told again. */
export type Act = RunAct | ActorAct;

export type PhaseName = 'precheck' | 'canary' | 'promote' | 'rollback';

/** A phase is run. */
export interface RunAct {
  readonly run: PhaseName;
  /** By their names in action.yml. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What befalls it on its way. */
  readonly during?: Disturbance;
}

/**
 * A moment in a run: at its nth write (dry runs and the Lease not counted), before the server has it or after; the 0th is
 * its first of the Lease, when it takes the lock.
 */
export interface Moment {
  readonly write: number;
  readonly when: 'before' | 'after';
  /** Lists are answered as they were when they were asked for last, once each. */
  readonly stale?: true;
}

export interface Disturbance extends Moment {
  /** The process dies; the runner cancels it; the API server is away for it until it ends; or somebody acts. */
  readonly by: 'kill' | 'cancel' | 'lost' | 'nothing' | ActorAct;
}

/** Somebody else does something to the cluster. */
export type ActorAct =
  | {
      readonly actor: 'label';
      readonly namespace: string;
      readonly key: string;
      readonly value: string | null;
    }
  /** With one workload in it. */
  | {
      readonly actor: 'create-namespace';
      readonly namespace: string;
      readonly labels: Readonly<Record<string, string>>;
    }
  | { readonly actor: 'scale'; readonly object: string; readonly to: number }
  /** The pods of a namespace are deleted, as a drain does. */
  | { readonly actor: 'drain'; readonly namespace: string }
  | { readonly actor: 'delete'; readonly object: string }
  /** A namespace is deleted, and something in it has a finalizer that nobody takes off. */
  | { readonly actor: 'hang'; readonly namespace: string }
  /** Somebody's tool keeps an object, and says so on it. */
  | {
      readonly actor: 'mark';
      readonly object: string;
      readonly annotations: Readonly<Record<string, string>>;
    }
  | { readonly actor: 'create'; readonly manifest: Manifest }
  /** Changes the record; null as a whole deletes it. */
  | { readonly actor: 'record'; readonly with: Readonly<Record<string, unknown>> | null | 'swapped' }
  | { readonly actor: 'annotate'; readonly namespace: string; readonly originals: string | null }
  /** Another run: takes the lock by force, holds it alive until it is asked to stop, or gives it back. */
  | { readonly actor: 'lease'; readonly does: 'steal' | 'hold' | 'free' | 'year' }
  | { readonly actor: 'istioctl'; readonly version: string; readonly args: readonly string[] }
  /** Git has the namespace's labels as they were in the beginning, and puts them back. */
  | { readonly actor: 'git'; readonly namespace: string }
  /** A workload gets ready no more, or is well again; `kubectl rollout undo` and `restart`. */
  | { readonly actor: 'break' | 'heal' | 'undo' | 'restart'; readonly object: string }
  /** A workload replaces its pods no more (`kubectl rollout pause`, `OnDelete`), or again. */
  | { readonly actor: 'hold' | 'release'; readonly object: string };

/** What is done to a workload and moves none of its pods to another control plane than the one that it is to be on. */
export function keepsSides({ actor }: ActorAct): boolean {
  return ['heal', 'undo', 'restart', 'hold', 'release'].includes(actor);
}

/** One line that says what an act is. */
export function titleOf(act: Act): string {
  if ('run' in act) {
    const inputs = Object.entries(act.inputs).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const during =
      act.during === undefined
        ? []
        : [
            `[${act.during.when} write ${String(act.during.write)}${act.during.stale === true ? ', stale lists' : ''}: ${typeof act.during.by === 'string' ? act.during.by : titleOf(act.during.by)}]`,
          ];
    return [act.run, ...inputs, ...during].join(' ');
  }
  const { actor, ...rest } = act;
  return `${actor} ${JSON.stringify(rest)}`;
}

/** Acts of somebody else in a run's way, or between runs. */
export function actorsOf(act: Act): ActorAct[] {
  if (!('run' in act)) return [act];
  return act.during === undefined || typeof act.during.by === 'string' ? [] : [act.during.by];
}

/** Whether somebody changes the record of the upgrade, or takes it away. */
export function touchesRecord(act: ActorAct): boolean {
  return act.actor === 'record' || ('object' in act && act.object === 'ConfigMap istio-system/istio-upgrade');
}
