import type { Permission } from '../cluster/cluster.ts';
import { changedByAccident } from '../istio/accident.ts';
import type { Mesh } from '../istio/mesh.ts';
import { knowsDefaultTag } from '../istio/movable-default.ts';
import { nameOfObject } from '../istio/own-objects.ts';
import { remains } from '../istio/state.ts';
import { writeRecord } from '../record/record.ts';
import type { Context } from './context.ts';
import { deniedOnTheWay } from './denied.ts';
import { handOverServices } from './hand-over-service.ts';
import { type Removal, isKnown, ownObjects, tellsBefore } from './prove-unused.ts';
import { type Step, StepFailed } from './step.ts';
import { type Probe, waitFor } from '../wait/wait.ts';

const UNINSTALL_MS = 5 * 60_000;

/**
 * istioctl does it, where it can tell before what it would take; what it does not know of, because an installation or an
 * uninstall died half-way, goes by name, and all of it where istioctl would take what others share (until 1.10).
 */
async function remove(
  context: Context,
  before: Mesh,
  revision: string,
  side: 'from' | 'to',
): Promise<{ readonly words: string; readonly denied: readonly Permission[] }> {
  let said: { words: string; denied: readonly Permission[] } = { words: '', denied: [] };
  if (isKnown(before, revision) && tellsBefore(context, side)) {
    const ended = await context.istioctl[side].istioctl.uninstall(
      { revision },
      { timeoutMs: context.remainingMs(), signal: context.signal },
      (line) => {
        context.log.info(line);
      },
    );
    said = ended;
  }
  context.signal.throwIfAborted();
  const left = await context.observe();
  if (isKnown(left, revision) && tellsBefore(context, side)) return said;
  for (const { kind, name, namespace, uid } of left.owned.filter((item) => item.revision === revision)) {
    await context.cluster.remove(kind, name, namespace, uid);
  }
  return said;
}

/** Removes a revision by its name, and waits until it is gone: istioctl does not (observed 36). */
export function uninstallRevision(removal: Removal): Step {
  const { release, side } = removal;
  return {
    id: 'uninstall-revision',
    title: side === 'from' ? 'Uninstall the old control plane' : 'Uninstall the canary control plane',
    timeoutMs: UNINSTALL_MS,
    plan: (view) => {
      const { revision, version } = release(view);
      return remains(view.mesh, revision)
        ? [{ verb: 'uninstall', object: `revision ${revision} (${version})` }]
        : [];
    },
    run: async (context, view) => {
      const { revision } = release(view);
      await ownObjects(context, view.mesh, revision, side);
      if (side === 'from' && view.record !== undefined && view.record.removing === undefined) {
        const owned = view.mesh.owned.filter((item) => item.revision === revision);
        await writeRecord(context.cluster, context.inputs.istioNamespace, {
          ...view.record,
          intent: 'remove',
          removing: owned.map(nameOfObject),
        });
      }
      const heir = context.upgrade[side === 'from' ? 'to' : 'from'].revision;
      await handOverServices(context, view.mesh, revision, heir);
      const { words, denied } = await remove(context, view.mesh, revision, side);
      if (denied.length > 0) throw new StepFailed(deniedOnTheWay(denied));
      const gone = await waitFor(
        async (): Promise<Probe<Mesh>> => {
          const mesh = await context.observe();
          return remains(mesh, revision)
            ? { done: false, waiting: `revision ${revision} is still being deleted` }
            : { done: true, value: mesh };
        },
        {
          what: `waiting for ${revision} to go`,
          timeoutMs: context.remainingMs(),
          signal: context.signal,
          log: context.log,
          intervalMs: 500,
        },
      );
      if (gone.done) {
        const accidents = changedByAccident(view.mesh, gone.value, {
          command: 'istioctl uninstall',
          own: revision,
          // Before 1.12 the default goes with the control plane without a revision, and nobody uses it any more.
          meant: knowsDefaultTag(context.upgrade) ? [] : ['the default tag'],
        });
        if (accidents.length > 0) throw new StepFailed(accidents);
        return `revision ${revision} is gone; the default, the tags and the other control plane are as they were`;
      }
      throw new StepFailed([
        {
          id: 'uninstall-incomplete',
          severity: 'error',
          message: `${gone.waiting}${words === '' ? '' : `; istioctl says: ${words}`}`,
          remedy: 'Run the phase again: it goes on where it stopped.',
        },
      ]);
    },
  };
}
