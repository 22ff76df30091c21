import { randomBytes } from 'node:crypto';
import { clusterIdOf, unexpectedCluster } from '../cluster/identity.ts';
import { observeMesh } from '../cluster/observe.ts';
import { recordOfUpgrade } from '../decide/credit.ts';
import type { Facts } from '../decide/facts.ts';
import { unprovedOf } from '../decide/unproved.ts';
import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { type Mesh, type Workload, nameOf } from '../istio/mesh.ts';
import { ownerKey } from '../istio/moves.ts';
import { withTold } from '../istio/plane-version.ts';
import { isWholeCanary, needsProof, proofOfCanary, stateOf } from '../istio/state.ts';
import type { ProxyStatusAnswer } from '../istioctl/proxy-status.ts';
import type { Unreadable } from '../istioctl/reading.ts';
import { permissionsFor, taskOf } from '../phases/permissions.ts';
import type { UpgradeState } from '../outcome.ts';
import { readRecord } from '../record/record.ts';
import type { Report } from '../report/report.ts';
import type { Context } from '../steps/context.ts';
import { missingPermissions, permissionsMissing } from '../steps/permissions.ts';
import { injectionOf } from '../steps/rehearsal.ts';
import { Refused } from '../steps/step.ts';
import { sideBySide } from './errand.ts';
import { isContradictory, withoutGap } from './gap.ts';
import type { Session } from './session.ts';

const ASK_MS = 60_000;
/** Longest for the last question to the canary's istiod. */
const LAST_ASK_MS = 10_000;
/** So many templates are rehearsed at once. */
const CONCURRENCY = 8;

/** The server's version: the first question, by which all is known of the way there and the credential that can go wrong. */
export async function greet({ reader, deps }: Session, report: Report): Promise<string> {
  const kubernetes = await reader.version();
  if (report.cluster !== undefined) report.cluster.kubernetes = kubernetes;
  deps.log.info(`the server is Kubernetes ${kubernetes}`);
  return kubernetes;
}

/**
 * Asks whether this credential may do what the phase needs, and which cluster it is. Nothing else is asked before: who may
 * not, or is elsewhere, has read nothing of the mesh (issue 12).
 *
 * @throws Refused when permissions are missing, or it is another cluster
 */
export async function beAdmitted({ inputs, reader, deps }: Session): Promise<void> {
  const task = taskOf(inputs);
  const missing = await missingPermissions(reader, permissionsFor(task, inputs.istioNamespace));
  if (missing.length > 0) throw new Refused([permissionsMissing(missing, task)]);
  const id = await clusterIdOf(reader);
  deps.log.info(
    `the cluster's uid (of its namespace kube-system, for the input expect-cluster) is ${id ?? 'not known'}`,
  );
  const elsewhere = unexpectedCluster(inputs.expectCluster, id);
  if (elsewhere.length > 0) throw new Refused(elsewhere);
}

/**
 * Reads what can be read without istioctl: the mesh and the record, at once.
 *
 * @param kubernetes the server's version
 * @param recorded the record, where it is being read already
 */
export async function lookFirst(
  session: Session,
  kubernetes: string,
  recorded = () => session.record.now(),
): Promise<Facts> {
  const { inputs } = session;
  const [mesh, record] = await sideBySide([() => session.mesh.now(), recorded]);
  return {
    inputs,
    kubernetes,
    mesh,
    record,
    now: Date.now(),
    freshAttempt: randomBytes(4).toString('hex'),
    declined: new Set(),
    status: {},
  };
}

/** The cluster as it is now, and what only istiods and injectors can tell. Where they contradict the pods, these are read once more. */
export async function lookAgain(
  session: Session,
  facts: Facts,
  {
    istioctl,
    upgrade,
    asks,
  }: Pick<Context, 'istioctl' | 'upgrade'> & { readonly asks: readonly ('from' | 'to')[] },
): Promise<Facts> {
  const [mesh, record] = await sideBySide([() => session.mesh.recent(), () => session.record.recent()]);
  const ask = async (side: 'from' | 'to'): Promise<ProxyStatusAnswer | Unreadable | undefined> => {
    const serves = mesh.planes.some(
      (plane) => plane.revision === upgrade[side].revision && plane.rollout.updated > 0,
    );
    if (!asks.includes(side) || !serves) return undefined;
    return istioctl[side].istioctl.proxyStatus(
      { revision: upgrade[side].revision },
      { timeoutMs: ASK_MS, signal: session.deps.signal },
    );
  };
  const [from, to, declined] = await sideBySide([
    () => ask('from'),
    () => ask('to'),
    () => declinedIn(session, mesh),
  ]);
  const seen: Facts = {
    ...facts,
    now: Date.now(),
    mesh,
    record,
    declined,
    status: { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
  };
  return isContradictory(seen, upgrade) ? withoutGap(seen, await session.mesh.now()) : seen;
}

/**
 * Workloads whose pods have no sidecar although a webhook selects them, and whose injector says, asked by a dry run, that
 * they get none: what it leaves alone is no fault of the upgrade (M27).
 */
async function declinedIn(session: Session, mesh: Mesh): Promise<Set<string>> {
  const bare = new Set(
    mesh.pods.filter(({ revision, terminating }) => revision === undefined && !terminating).map(ownerKey),
  );
  const queue: Workload[] = mesh.workloads.filter((workload) => bare.has(nameOf(workload)));
  const declined = new Set<string>();
  if (queue.length === 0 || !(await session.reader.may({ verb: 'create', group: '', resource: 'pods' }))) {
    return declined;
  }
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const answer = await injectionOf(session.reader, next);
      if (answer.kind === 'bare') declined.add(nameOf(next));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return declined;
}

/** Where the upgrade stands, and why it is no proved canary, where all but a proof is there. */
interface Seen {
  readonly state: UpgradeState;
  readonly unproved: readonly Finding[];
}

/** Where the upgrade stands now, seen by the keeper, which outlives the run's time. */
export async function lookLast(
  session: Session,
  decided: View,
  succeeded: boolean,
): Promise<{ readonly view: View } & Seen> {
  const { keeper, inputs } = session;
  // A run that succeeded has just looked whether its goal is reached.
  const known = succeeded ? session.mesh.seen() : undefined;
  const [seen, record] = await Promise.all([
    known?.value ?? observeMesh(keeper, inputs.istioNamespace, { accepted: decided.accepted }),
    readRecord(keeper, inputs.istioNamespace),
  ]);
  const mesh = withTold(seen, session.told);
  const view: View = { ...decided, mesh, record: recordOfUpgrade(record, mesh, decided.upgrade) };
  return { view, ...(await seenToBe(session, view, succeeded)) };
}

/**
 * A canary is said to be one only when its istiod says so, too (M02), and an upgrade in place to be complete only when its
 * istiod says so of all proxies: promote has a proof of that, and has closed the record.
 */
async function seenToBe(session: Session, view: View, succeeded: boolean): Promise<Seen> {
  const { mesh, record, upgrade, before } = view;
  const state = stateOf(mesh, record, upgrade, before);
  if (!needsProof(state, record, upgrade)) return { state, unproved: [] };
  // A run that succeeded has just proved what it was about: another wave may have broken meanwhile.
  const isProof = succeeded && isWholeCanary(mesh, upgrade, record, upgrade.scope);
  if (state === 'canary' && isProof) return { state, unproved: [] };
  const unproved = await lacksOfCanary(session, view);
  if (unproved?.length === 0) return { state, unproved };
  if (isProof) return { state: 'canary', unproved: [] };
  const isLast = state === 'completed' && record?.intent === 'promote';
  return { state: isLast ? 'promoting' : 'canarying', unproved: unproved ?? [] };
}

/** @returns undefined where nobody can be asked */
async function lacksOfCanary({ pair, deps }: Session, view: View): Promise<readonly Finding[] | undefined> {
  if (pair === undefined) return undefined;
  const { to, scope } = view.upgrade;
  const call = { timeoutMs: LAST_ASK_MS, signal: deps.signal };
  const status = await pair.to.istioctl.proxyStatus({ revision: to.revision }, call);
  return unprovedOf(proofOfCanary(view.mesh, status, view.upgrade, view), view, scope.namespaces);
}
