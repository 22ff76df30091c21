import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import {
  type Claim,
  type Evidence,
  type ProxyVerdict,
  type Unseen,
  judgeProxies,
  remedyOfUnseen,
} from '../istio/evidence.ts';
import { isServing } from '../istio/health.ts';
import { type Mesh, nameOf, planeOfRevision } from '../istio/mesh.ts';
import { type Scope, covers } from '../istio/scope.ts';
import { NOBODY_SEEN, type SeenWell } from '../istio/seen-well.ts';
import { isInPlace, onSide } from '../istio/side.ts';
import type { ProxyStatusAnswer } from '../istioctl/proxy-status.ts';
import type { Unreadable } from '../istioctl/reading.ts';
import type { Context } from './context.ts';
import { describeDataPlane } from './data-plane.ts';
import { insistOnRights } from './denied.ts';
import { type Staying, neverMoving } from './never-moving.ts';
import { Inconclusive, type Step, StepFailed } from './step.ts';
import { type Probe, beforeLastLook, waitFor } from '../wait/wait.ts';

/** Longest for one question to the istiods (T10: some of istioctl's calls never end). */
const ASK_MS = 60_000;
/** So many proxies are named one by one. */
const NAMED = 25;
/** In so many looks in a row it must be seen that waiting can't help, before it is told. */
const LOOKS = { forever: 2, passing: 6, nobody: 6 } as const;

/** What is to be proved. */
export interface ProxyClaim {
  /** The side that the proxies are to be on, and whose istioctl asks. */
  readonly side: 'from' | 'to';
  /** What counts; undefined for the whole mesh. */
  readonly scope?: Scope;
  /** Whether no proxy at all is an answer (a mesh may be empty before a rollback), or no evidence (promise 8). */
  readonly mayBeNone: boolean;
  /** Whether the istiod of the other side is asked, too, who is left (M08). */
  readonly asksOther: boolean;
}

/**
 * Sees that every pod and workload is on a release: recorded revision, proxy's image, health, and the istiods' own account
 * of who is connected and in sync. Waits for what comes late; what can't be seen is inconclusive. What it has seen well and
 * somebody rolls out again while it waits for others is told, and not waited for: in a large mesh somebody always does.
 */
export function verifyProxies(claim: (view: View) => ProxyClaim): Step {
  return {
    id: 'verify-proxies',
    title: 'See every proxy connected and in sync',
    timeoutMs: 5 * 60_000,
    run: async (context, view) => {
      const what = claim(view);
      const { revision } = view.upgrade[what.side];
      const memory: Memory = { stayed: { forever: 0, passing: 0, nobody: 0 }, seen: NOBODY_SEEN };
      const lookOnce = async (): Promise<Probe<string>> => {
        const evidence = await gather(context, view, what);
        return look(context, view, what, { evidence, memory });
      };
      const seen = await waitFor(lookOnce, {
        what: `waiting for proxies of ${revision}`,
        timeoutMs: beforeLastLook(context.remainingMs()),
        signal: context.signal,
        log: context.log,
        intervalMs: 250,
      });
      return seen.done ? seen.value : lastLook(context, view, what, memory);
    },
  };
}

async function gather(
  context: Context,
  view: View,
  claim: ProxyClaim,
): Promise<Evidence & { readonly mesh: Mesh }> {
  const { from, to } = view.upgrade;
  const [release, rest] = claim.side === 'to' ? [to, from] : [from, to];
  const asksOther = claim.asksOther && isServing(planeOfRevision(view.mesh, rest.revision));
  const [status, other] = await Promise.all([
    ask(context, claim.side, release.revision),
    asksOther ? ask(context, claim.side === 'to' ? 'from' : 'to', rest.revision) : undefined,
  ]);
  // Pods after proxies: one that was born in between is missing from the answer and asked for again.
  const mesh = await context.observe();
  describeDataPlane(context, { mesh, before: view.before }, { side: claim.side, status });
  return { mesh, status, other };
}

async function ask(
  context: Context,
  side: 'from' | 'to',
  revision: string,
): Promise<ProxyStatusAnswer | Unreadable> {
  const answer = await context.istioctl[side].istioctl.proxyStatus(
    { revision },
    { timeoutMs: Math.min(ASK_MS, Math.max(context.remainingMs(), 1_000)), signal: context.signal },
  );
  insistOnRights(answer);
  return answer;
}

function claimOf({ upgrade, before, accepted }: View, claim: ProxyClaim, { seen }: Memory): Claim {
  const leaving = upgrade[claim.side === 'to' ? 'from' : 'to'].revision;
  return {
    release: upgrade[claim.side],
    ...(claim.scope === undefined ? {} : { scope: claim.scope }),
    mayBeNone: claim.mayBeNone,
    isWayBack: claim.side === 'from',
    byVersion: isInPlace(upgrade),
    before,
    accepted,
    seen,
    ...(claim.asksOther ? { leaving } : {}),
  };
}

/** In how many looks in a row something was seen that stays. */
type Stayed = Record<keyof typeof LOOKS, number>;

/** What one look of the step leaves to the next. */
interface Memory {
  readonly stayed: Stayed;
  seen: SeenWell;
}

/** What waiting can't help is told soon, and what may end by itself gets some time for it. */
async function look(
  context: Context,
  view: View,
  claim: ProxyClaim,
  { evidence, memory }: { readonly evidence: Evidence; readonly memory: Memory },
): Promise<Probe<string>> {
  const { stayed } = memory;
  const verdict = judgeProxies(evidence, claimOf(view, claim, memory));
  if (verdict.kind === 'behind') memory.seen = verdict.seen;
  if (verdict.kind === 'proved') return { done: true, value: proved(context, view, claim, verdict) };
  const stays =
    verdict.kind === 'behind'
      ? await stay(context, view, claim, { evidence, verdict })
      : { forever: [], passing: [], rolling: [] };
  for (const kind of ['forever', 'passing'] as const) {
    stayed[kind] = stays[kind].length === 0 ? 0 : stayed[kind] + 1;
    if (stayed[kind] >= LOOKS[kind]) throw new StepFailed(capped([...stays.forever, ...stays.passing]));
  }
  const isNobody =
    verdict.kind === 'unseen' && verdict.why === 'no-proxy' && nobodyComes(evidence, view, claim);
  stayed.nobody = isNobody ? stayed.nobody + 1 : 0;
  if (isNobody && stayed.nobody >= LOOKS.nobody) throw notSeen(verdict, view, claim);
  return { done: false, waiting: verdict.waiting };
}

/** There is no pod to see it by, and no workload of which one would come: somebody took it away meanwhile. */
function nobodyComes({ mesh }: Evidence, { before }: View, { scope }: ProxyClaim): boolean {
  return !mesh.workloads.some(
    (workload) =>
      (scope === undefined || covers(scope, workload)) &&
      workload.rollout.desired > 0 &&
      !before.troubled.has(nameOf(workload)) &&
      !before.unsynced.has(nameOf(workload)),
  );
}

async function stay(
  context: Context,
  { upgrade }: View,
  { side }: ProxyClaim,
  seen: {
    readonly evidence: Evidence;
    readonly verdict: Extract<ProxyVerdict, { readonly kind: 'behind' }>;
  },
): Promise<Staying> {
  const isThere = onSide(upgrade, side);
  const errors = seen.verdict.findings.filter(({ severity }) => severity === 'error');
  const wrong = new Set(errors.map(({ object }) => object));
  const { mesh } = seen.evidence;
  const pods = mesh.pods.filter(
    (pod) => pod.revision !== undefined && !isThere(pod) && wrong.has(nameOf({ ...pod, kind: 'Pod' })),
  );
  const staying = await neverMoving(context, mesh, pods, {
    back: upgrade.from.revision,
    mayStay: side === 'to',
  });
  return {
    ...staying,
    forever: [...staying.forever, ...errors.filter(({ id }) => id === 'injection-lost')],
  };
}

function proved(
  { report }: Context,
  { upgrade }: View,
  { side }: ProxyClaim,
  { count, kept, warnings }: Extract<ProxyVerdict, { readonly kind: 'proved' }>,
): string {
  const { revision, version } = upgrade[side];
  const told = new Set(report.findings.map(({ id, object }) => `${id} ${object ?? ''}`));
  report.findings.push(...warnings.filter(({ id, object }) => !told.has(`${id} ${object ?? ''}`)));
  return kept === 0
    ? `${String(count)} proxies are on ${revision} ${version}, connected and in sync`
    : `${String(count + kept)} proxies are on ${revision}, connected and in sync: ${String(count)} of ${version}, ${String(kept)} with an image of their own`;
}

/** When the time is up: it is proved after all, or all that is wrong is named. */
async function lastLook(context: Context, view: View, claim: ProxyClaim, memory: Memory): Promise<string> {
  const evidence = await gather(context, view, claim);
  const verdict = judgeProxies(evidence, claimOf(view, claim, memory));
  if (verdict.kind === 'proved') return proved(context, view, claim, verdict);
  if (verdict.kind === 'unseen') throw notSeen(verdict, view, claim);
  const { rolling } = await stay(context, view, claim, { evidence, verdict });
  throw new StepFailed(capped([...rolling, ...verdict.findings]));
}

function notSeen(verdict: Unseen, { mesh, upgrade }: View, { side }: ProxyClaim): Inconclusive {
  const { revision } = upgrade[side];
  return new Inconclusive([
    {
      id: 'proxies-not-seen',
      severity: 'error',
      message: `whether the proxies are connected to ${revision} could not be seen: ${verdict.waiting}`,
      remedy: `Nothing is claimed. ${remedyOfUnseen(verdict, revision, mesh)}`,
    },
  ]);
}

function capped(findings: readonly Finding[]): Finding[] {
  if (findings.length <= NAMED) return [...findings];
  return [
    ...findings.slice(0, NAMED),
    {
      id: 'proxies-behind',
      severity: 'error',
      message: `and ${String(findings.length - NAMED)} more pods; the data plane by namespace counts them all`,
    },
  ];
}
