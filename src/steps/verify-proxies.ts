import type { Context } from '../engine/context.ts';
import { Inconclusive, type Step, StepFailed, type View } from '../engine/step.ts';
import { type Probe, waitFor } from '../engine/wait.ts';
import type { Finding } from '../finding.ts';
import { type Evidence, type ProxyVerdict, judgeProxies } from '../istio/evidence.ts';
import type { Release } from '../record/record.ts';
import { describeDataPlane } from './data-plane.ts';
import { insistOnRights } from './denied.ts';

/** Longest for one question to the istiods (T10: some of istioctl's calls never end). */
const ASK_MS = 60_000;
/** So many proxies are named one by one. */
const NAMED = 25;

/** What is to be proved. */
export interface ProxyClaim {
  /** The proxies' revision and version. */
  readonly release: Release;
  /** The namespaces whose pods count; undefined for the whole mesh. */
  readonly namespaces?: readonly string[];
  /** Whether no proxy at all is an answer (a mesh may be empty before a rollback), or no evidence (promise 8). */
  readonly mayBeNone: boolean;
  /** Whether what may have been so before fails the proof: rollback must not hang on others' faults. */
  readonly strict: boolean;
  /** Which of the two istioctls asks. */
  readonly side: 'from' | 'to';
}

/**
 * Sees for every pod that it is on a release: its recorded revision, its proxy's image, and istiod's own account of
 * who is connected and in sync. Waits for what comes late; what can't be seen is inconclusive.
 */
export function verifyProxies(claim: (view: View) => ProxyClaim): Step {
  return {
    id: 'verify-proxies',
    title: 'See every proxy connected and in sync',
    timeoutMs: 5 * 60_000,
    run: async (context, view) => {
      const what = claim(view);
      const seen = await waitFor(() => look(context, what), {
        what: `waiting for proxies of ${what.release.revision}`,
        timeoutMs: context.remainingMs(),
        signal: context.signal,
        log: context.log,
        intervalMs: 1_000,
      });
      return seen.done ? seen.value : lastLook(context, what);
    },
  };
}

async function gather(context: Context, claim: ProxyClaim): Promise<Evidence> {
  const status = await context.istioctl[claim.side].istioctl.proxyStatus(
    { revision: claim.release.revision },
    { timeoutMs: Math.min(ASK_MS, Math.max(context.remainingMs(), 1_000)), signal: context.signal },
  );
  insistOnRights(status);
  // Pods after proxies: one that was born in between is missing from the answer and asked for again.
  const mesh = await context.observe();
  describeDataPlane(context, mesh, { revision: claim.release.revision, status });
  return { pods: mesh.pods, status };
}

async function look(context: Context, claim: ProxyClaim): Promise<Probe<string>> {
  const verdict = judgeProxies(await gather(context, claim), claim);
  return verdict.kind === 'proved'
    ? { done: true, value: proved(context, claim, verdict) }
    : { done: false, waiting: verdict.waiting };
}

function proved(
  { report }: Context,
  { release }: ProxyClaim,
  { count, warnings }: Extract<ProxyVerdict, { readonly kind: 'proved' }>,
): string {
  report.findings.push(...warnings);
  return `${String(count)} proxies are on ${release.revision} ${release.version}, connected and in sync`;
}

/** When the time is up: it is proved after all, or all that is wrong is named. */
async function lastLook(context: Context, claim: ProxyClaim): Promise<string> {
  const verdict = judgeProxies(await gather(context, claim), claim);
  if (verdict.kind === 'proved') return proved(context, claim, verdict);
  if (verdict.kind === 'unseen') {
    throw new Inconclusive([
      {
        id: 'proxies-not-seen',
        severity: 'error',
        message: `whether the proxies are connected to ${claim.release.revision} could not be seen: ${verdict.waiting}`,
        remedy:
          'Nothing is claimed. Check that istiod answers (istioctl proxy-status --revision …), then run the phase again.',
      },
    ]);
  }
  throw new StepFailed(capped(verdict.findings));
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
