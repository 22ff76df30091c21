import type { Finding } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import { type Goal, unreached } from '../istio/goal.ts';
import { unreachedInPlace } from '../istio/goal-in-place.ts';
import { lostInjection } from '../istio/lost-injection.ts';
import type { Mesh } from '../istio/mesh.ts';
import { movesDefault } from '../istio/movable-default.ts';
import { isOnly } from '../istio/scope.ts';
import type { View } from '../decide/upgrade.ts';
import { type Step, StepFailed } from './step.ts';
import { type Probe, waitFor } from '../wait/wait.ts';

/** So often in a row what waiting can't help is seen before it is told. */
const LOOKS = 3;

/** What the phase was asked for beside what it always does. */
type Asked = Pick<Inputs, 'removeOld' | 'gateways' | 'cni'> & {
  /** The tag that namespaces are to follow instead of the old revision. */
  readonly adopts: string | undefined;
};

/**
 * The last look: whether the phase's goal holds on the cluster as it is now. A list of steps that are through proves
 * nothing, as somebody may have acted meanwhile (promise 15).
 */
export function seeGoal(phase: Goal['phase'], asked: Partial<Asked> = {}): Step {
  return seeing((mesh, view) => unreached(mesh, goalOf(view, phase, asked)));
}

/** The same of an upgrade in place. */
export function seeGoalInPlace(phase: Goal['phase']): Step {
  return seeing((mesh, { upgrade, before }) => unreachedInPlace(mesh, phase, upgrade, before));
}

function seeing(unreachedAt: (mesh: Mesh, view: View) => Finding[]): Step {
  return {
    id: 'see-goal',
    title: 'See that the goal is reached',
    timeoutMs: 30_000,
    run: async (context, view) => {
      let looks = 0;
      const lacksNow = async (): Promise<Finding[]> => {
        const mesh = await context.observe();
        return [...unreachedAt(mesh, view), ...lostInjection(mesh, view.before)];
      };
      const look = async (): Promise<Probe<undefined>> => {
        const lacks = await lacksNow();
        const chosen = lacks.filter(isChosen);
        looks = chosen.length === 0 ? 0 : looks + 1;
        if (looks >= LOOKS) throw new StepFailed(lacks);
        const [first] = lacks;
        return first === undefined
          ? { done: true, value: undefined }
          : { done: false, waiting: `${first.object ?? ''} ${first.message}` };
      };
      const seen = await waitFor(look, {
        what: 'waiting for the goal',
        timeoutMs: context.remainingMs(),
        signal: context.signal,
        log: context.log,
        intervalMs: 250,
      });
      if (seen.done) return 'control planes, default and namespaces are as this phase leaves them';
      throw new StepFailed(await lacksNow());
    },
  };
}

/** A label or a tag is somebody's choice, which no waiting changes; control planes and pods come and go by themselves. */
function isChosen({ object = '' }: Finding): boolean {
  return /^(Namespace|tag) /.test(object);
}

function goalOf(
  { mesh, upgrade }: View,
  phase: Goal['phase'],
  { removeOld = false, gateways, cni, adopts }: Partial<Asked>,
): Goal {
  const { from, to, scope, tags } = upgrade;
  // Canary, run again on a promoted mesh, leaves the default where promote has put it.
  const moved = phase === 'promote' || (phase === 'canary' && isOnly(mesh.defaultInjector, to.revision));
  const owner = movesDefault(mesh, upgrade) ? (moved ? to : from).revision : undefined;
  return {
    phase,
    from: from.revision,
    to: to.revision,
    scope,
    tags,
    default: owner,
    along: { gateways: gateways === 'with-install', cni: cni === 'with-install' },
    adopts,
    removeOld,
  };
}
