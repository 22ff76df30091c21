import type { View } from '../decide/upgrade.ts';
import { nameOf } from '../istio/mesh.ts';
import { pinnedTo, pinsRevision } from '../istio/pinned-templates.ts';
import { type Probe, beforeLastLook, waitFor } from '../wait/wait.ts';
import type { Context } from './context.ts';
import { type Step, StepFailed } from './step.ts';

/**
 * Waits, for as long as the input `wait-for-owners` says, until the templates that choose the revision that is left choose
 * the other one: who keeps them in Git or with Helm has to change one value each. Then their own rollout moves them, which
 * the proxies prove.
 *
 * @param side which revision they have to choose
 */
export function awaitOwners(side: 'from' | 'to'): Step {
  const leaving = side === 'to' ? 'from' : 'to';
  return {
    id: 'await-owners',
    title: 'See that templates kept by others choose the right revision',
    timeoutMs: 120 * 60 * 60_000,
    run: async (context, view) => {
      const first = pinnedTo(view.mesh, view.upgrade, leaving);
      if (first.length === 0) return 'no template chooses its revision by itself';
      const seen = await waitFor(() => look(context, view, leaving), {
        what: 'waiting for who keeps templates',
        timeoutMs: Math.min(context.inputs.waitForOwnersMs, beforeLastLook(context.remainingMs())),
        signal: context.signal,
        log: context.log,
        intervalMs: 1_000,
      });
      const left = pinnedTo(await context.observe(), view.upgrade, leaving);
      if (left.length > 0) {
        throw new StepFailed(
          left.map((item) => pinsRevision(item, view.upgrade[side].revision, { severity: 'error' })),
        );
      }
      return `${first.map(nameOf).join(', ')}: changed ${seen.done ? 'meanwhile' : 'at the last moment'}`;
    },
  };
}

async function look(context: Context, { upgrade }: View, leaving: 'from' | 'to'): Promise<Probe<undefined>> {
  const [first] = pinnedTo(await context.observe(), upgrade, leaving);
  return first === undefined
    ? { done: true, value: undefined }
    : { done: false, waiting: `the template of ${nameOf(first)} chooses ${upgrade[leaving].revision}` };
}
