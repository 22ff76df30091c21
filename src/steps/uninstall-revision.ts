import type { Permission } from '../cluster/cluster.ts';
import type { Finding } from '../finding.ts';
import { changedByAccident, whileRemoved } from '../istio/accident.ts';
import { firstOf } from '../istio/first-of.ts';
import type { Mesh } from '../istio/mesh.ts';
import { knowsDefaultTag } from '../istio/movable-default.ts';
import { nameOfObject } from '../istio/own-objects.ts';
import { removalObstacles } from '../istio/removal.ts';
import { remains } from '../istio/state.ts';
import { writeRecord } from '../record/record.ts';
import type { Context } from './context.ts';
import { deploymentHolders } from './deployment-holders.ts';
import { deniedOnTheWay } from './denied.ts';
import { leftPolicies } from './left-policies.ts';
import { handOverServices } from './hand-over-service.ts';
import { type Removal, isKnown, ownObjects, tellsBefore } from './prove-unused.ts';
import { type Step, StepFailed } from './step.ts';
import { type Probe, beforeLastLook, waitFor } from '../wait/wait.ts';

const UNINSTALL_MS = 5 * 60_000;
/** What finishes a removal that took its object, and met something else. */
const GOES_ON = {
  from: 'Then run promote with remove-old: true again: it finishes the removal.',
  to: 'Then run rollback again: it puts back the default tag and validator first, and finishes the removal.',
} as const;
/** So many of the objects that are left, and of what still uses it, are named. */
const NAMED = 5;
const TOLD = 25;

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
      const heir = context.upgrade[side === 'from' ? 'to' : 'from'].revision;
      // It was proved unused, and somebody may have chosen it since: nothing was taken yet (promise 5).
      const users = removalObstacles(view.mesh, revision, heir);
      if (users.length > 0) throw new StepFailed(users.slice(0, TOLD));
      await ownObjects(context, view.mesh, revision, side);
      if (side === 'from' && view.record !== undefined && view.record.removing === undefined) {
        const owned = view.mesh.owned.filter((item) => item.revision === revision);
        await writeRecord(context.cluster, context.inputs.istioNamespace, {
          ...view.record,
          intent: 'remove',
          removing: owned.map(nameOfObject),
        });
      }
      await handOverServices(context, view.mesh, revision, heir);
      const { words, denied } = await remove(context, view.mesh, revision, side);
      if (denied.length > 0) throw new StepFailed(deniedOnTheWay(denied));
      const gone = await waitFor(
        async (): Promise<Probe<Mesh>> => {
          const mesh = await context.observe();
          return remains(mesh, revision)
            ? { done: false, waiting: `of revision ${revision} there is still ${leftOf(mesh, revision)}` }
            : { done: true, value: mesh };
        },
        {
          what: `waiting for ${revision} to go`,
          timeoutMs: beforeLastLook(context.remainingMs()),
          signal: context.signal,
          log: context.log,
          intervalMs: 500,
        },
      );
      if (gone.done) {
        const accidents = changedByAccident(view.mesh, gone.value, {
          command: 'istioctl uninstall',
          own: revision,
          telling: whileRemoved(revision, GOES_ON[side]),
          // Before 1.12 the default goes with the control plane without a revision, and nobody uses it any more.
          meant: knowsDefaultTag(context.upgrade) ? [] : ['the default tag'],
        });
        if (accidents.length > 0) throw new StepFailed(accidents);
        return `revision ${revision} is gone; the default, the tags and the other control plane are as they were${await leftPolicies(context, revision)}`;
      }
      throw new StepFailed([await incomplete(context, revision, { waiting: gone.waiting, words })]);
    },
  };
}

/** The objects of a revision that are left, by name. */
function leftOf({ owned, injectors, planes, istioNamespace }: Mesh, revision: string): string {
  const names = new Set([
    ...planes
      .filter((plane) => plane.revision === revision)
      .map(({ deployment }) => `Deployment ${istioNamespace}/${deployment}`),
    ...injectors
      .filter((injector) => injector.revision === revision)
      .map(({ configuration }) => `MutatingWebhookConfiguration ${configuration}`),
    ...owned.filter((item) => item.revision === revision).map(nameOfObject),
  ]);
  return firstOf([...names], NAMED);
}

async function incomplete(
  context: Context,
  revision: string,
  { waiting, words }: { readonly waiting: string; readonly words: string },
): Promise<Finding> {
  const holders = await deploymentHolders(context, revision);
  const held = holders.length === 0 ? '' : `; its Deployment is held by ${holders.join(', and by ')}`;
  return {
    id: 'uninstall-incomplete',
    severity: 'error',
    message: `${waiting}${held}${words === '' ? '' : `; istioctl says: ${words}`}`,
    remedy:
      holders.length === 0
        ? 'Run the phase again: it goes on where it stopped.'
        : 'See why it does not let go (who takes that finalizer away, whether that node still answers), and end it. Then run the phase again: it goes on where it stopped.',
  };
}
