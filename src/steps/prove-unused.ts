import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { askingPods } from '../istio/asking-pods.ts';
import { dialectOf } from '../istio/dialect.ts';
import { leavingNamespaces } from '../istio/lasting.ts';
import type { Mesh, MeshPod } from '../istio/mesh.ts';
import { beyondRevision, nameOfObject } from '../istio/own-objects.ts';
import { makerOf } from '../istio/pod-maker.ts';
import { removalObstacles } from '../istio/removal.ts';
import { remains } from '../istio/state.ts';
import type { PruneList } from '../istioctl/prune-list.ts';
import type { Release } from '../record/record.ts';
import type { Context } from './context.ts';
import { insistOnRights } from './denied.ts';
import { Inconclusive, type Step, StepFailed } from './step.ts';
import { type Probe, beforeLastLook, waitFor } from '../wait/wait.ts';

const ASK_MS = 60_000;

/** What is removed: in promote the old revision, in rollback the canary. */
export interface Removal {
  readonly release: (view: View) => Release;
  /** Whose istioctl removes: the one that installed it. */
  readonly side: 'from' | 'to';
}

/**
 * The removal proof (promise 5): nothing chooses, runs on, or is connected to a revision, and what its uninstall would
 * delete is only its own. Looks, and waits for pods and connections that are just going.
 */
export function proveUnused({ release, side }: Removal): Step {
  return {
    id: 'prove-unused',
    title: 'Prove that nothing uses what is to be removed',
    timeoutMs: 3 * 60_000,
    run: async (context, view) => {
      const { revision } = release(view);
      if (!remains(view.mesh, revision)) return `revision ${revision} is not there any more`;
      let looks = 0;
      const seen = await waitFor(() => look(context, revision, side, ++looks > 1), {
        what: `waiting for the last users of ${revision} to go`,
        timeoutMs: beforeLastLook(context.remainingMs()),
        signal: context.signal,
        log: context.log,
        intervalMs: 500,
      });
      if (!seen.done) await obstruct(context, revision, side, seen.waiting);
      const objects = await ownObjects(context, await context.observe(), revision, side);
      return `no label, tag, webhook, pod or connection names ${revision}; its uninstall takes ${String(objects.length)} objects, all its own`;
    },
  };
}

/** Who still uses a revision. */
interface Users {
  readonly found: readonly Finding[];
  /** Some of them stay until somebody acts. */
  readonly stay: boolean;
}

async function usersOf(context: Context, revision: string, side: 'from' | 'to'): Promise<Users | string> {
  const mesh = await withReplicaSets(context, await context.observe());
  const { from, to } = context.upgrade;
  const stays = revision === to.revision ? from.revision : to.revision;
  const found = removalObstacles(mesh, revision, stays);
  if (found.length > 0)
    return {
      found,
      stay:
        found.some(isChoice) ||
        mesh.pods.some(staysByLeave(mesh, revision)) ||
        askingPods(mesh, revision, stays).length > 0,
    };
  const plane = mesh.planes.find((item) => item.revision === revision);
  // Without a ready istiod there is nobody to be connected to; those of the template before serve, too.
  if (plane === undefined || plane.rollout.available === 0) return { found: [], stay: false };
  const status = await context.istioctl[side].istioctl.proxyStatus(
    { revision },
    { timeoutMs: Math.min(ASK_MS, Math.max(context.remainingMs(), 1_000)), signal: context.signal },
  );
  insistOnRights(status);
  if (!status.readable) return `istiod of ${revision} did not say who is connected: ${status.reason}`;
  const connected = status.proxies.map((proxy): Finding => ({
    id: 'still-connected',
    severity: 'error',
    object: `Pod ${proxy.namespace}/${proxy.name}`,
    message: `is still connected to istiod of ${revision} (${proxy.istiod})`,
    remedy: 'Restart or remove it, then run the phase again.',
  }));
  return { found: connected, stay: false };
}

/** With the ReplicaSets that nobody owns: scaled to zero, they show no pod by which they could be known (M07). */
async function withReplicaSets({ cluster }: Context, mesh: Mesh): Promise<Mesh> {
  const makers = [...mesh.makers];
  for await (const item of cluster.list('ReplicaSet')) {
    const maker = makerOf('ReplicaSet', item, mesh);
    if (maker !== undefined) makers.push(maker);
  }
  return { ...mesh, makers };
}

/** @param again what waiting can't help is told when it was seen twice */
async function look(
  context: Context,
  revision: string,
  side: 'from' | 'to',
  again: boolean,
): Promise<Probe<void>> {
  const users = await usersOf(context, revision, side);
  if (typeof users === 'string') return { done: false, waiting: users };
  const { found, stay } = users;
  if (again && stay) throw new StepFailed(found.slice(0, 25));
  const [first] = found;
  if (first === undefined) return { done: true, value: undefined };
  return {
    done: false,
    waiting: `${String(found.length)} in use, first ${first.object ?? ''} ${first.message}`,
  };
}

/** Pods and connections go when their workload is through; a label, a tag or a template is somebody's choice. */
function isChoice({ object = '' }: Finding): boolean {
  return !object.startsWith('Pod ');
}

/** What allow-stragglers lets stay, no restart moves: to wait for it would be for nothing (story 113001:1084). */
function staysByLeave(mesh: Mesh, wanted: string) {
  const leaving = leavingNamespaces(mesh);
  return ({ namespace, revision, accepted, terminating }: MeshPod): boolean =>
    revision === wanted && accepted && !terminating && !leaving.has(namespace);
}

async function obstruct(
  context: Context,
  revision: string,
  side: 'from' | 'to',
  waiting: string,
): Promise<void> {
  const users = await usersOf(context, revision, side);
  if (typeof users !== 'string') {
    if (users.found.length > 0) throw new StepFailed(users.found.slice(0, 25));
    return;
  }
  throw new Inconclusive([
    {
      id: 'removal-proof-not-seen',
      severity: 'error',
      message: `whether ${revision} is still in use could not be seen, so it was not removed: ${waiting}`,
      remedy: `Check that istiod of ${revision} answers, then run the phase again.`,
    },
  ]);
}

/**
 * What removing a revision would delete: the list of `uninstall --dry-run`; without an injector istioctl does not know
 * the revision any more (H11), and then what it once installed. It must hold nothing that others share (T04, T13, T17).
 */
export async function ownObjects(context: Context, mesh: Mesh, revision: string, side: 'from' | 'to') {
  const owned = mesh.owned.filter((item) => item.revision === revision);
  const objects =
    isKnown(mesh, revision) && tellsBefore(context, side) ? await listed(context, revision, side) : owned;
  const shared = beyondRevision(
    [...objects, ...owned],
    { revision, namespace: context.inputs.istioNamespace },
    owned,
  );
  if (shared.length > 0) {
    throw new StepFailed(
      shared.map((object) => ({
        id: 'uninstall-takes-shared',
        severity: 'error',
        object: nameOfObject(object),
        message: `uninstalling ${revision} would delete it, and it is not that revision's alone`,
        remedy: 'Reinstall it with a revision that stays, then run the phase again. Nothing was removed.',
      })),
    );
  }
  return objects;
}

/** Whether istioctl tells before what its uninstall would take; one that does not is not let do it. */
export function tellsBefore({ istioctl }: Pick<Context, 'istioctl'>, side: 'from' | 'to'): boolean {
  const { uninstall, uninstallDryRun } = dialectOf(istioctl[side].istioctl.version);
  return uninstall !== undefined && uninstallDryRun !== undefined;
}

/** By istioctl: it looks for the injector, as we do (istioctl.md §6 "revision exists"). */
export function isKnown(mesh: Mesh, revision: string): boolean {
  return mesh.injectors.some((injector) => injector.revision === revision);
}

/** A list that only reads is asked for again while the way to the cluster is bad. */
async function listed(context: Context, revision: string, side: 'from' | 'to') {
  const list = await waitFor(
    async (): Promise<Probe<PruneList['objects']>> => {
      const answer = await context.istioctl[side].istioctl.uninstallDryRun(
        { revision },
        { timeoutMs: Math.min(ASK_MS, context.remainingMs()), signal: context.signal },
      );
      insistOnRights(answer);
      return answer.readable
        ? { done: true, value: answer.objects }
        : { done: false, waiting: answer.reason };
    },
    {
      what: `asking what the uninstall of ${revision} would delete`,
      timeoutMs: Math.min(ASK_MS, context.remainingMs()),
      signal: context.signal,
      log: context.log,
      intervalMs: 500,
    },
  );
  if (list.done) return list.value;
  throw new Inconclusive([
    {
      id: 'uninstall-list-not-seen',
      severity: 'error',
      message: `what the uninstall of ${revision} would delete could not be seen, so it was not begun: ${list.waiting}`,
      remedy: 'Nothing was removed. Check that istioctl can reach the cluster, then run the phase again.',
    },
  ]);
}
