import type { View } from '../decide/upgrade.ts';
import { type Finding, hasError } from '../finding.ts';
import type { Refusal } from '../istio/refusal.ts';
import { remedyFor } from '../istio/injection-templates.ts';
import type { Behind } from '../istio/behind.ts';
import { type Workload, nameOf } from '../istio/mesh.ts';
import { toReplace } from '../istio/moves.ts';
import { isInPlace } from '../istio/side.ts';
import { sameRelease } from '../istio/version.ts';
import type { Release } from '../record/record.ts';
import type { Context } from './context.ts';
import { injectionOf } from './rehearsal.ts';
import { type Step, StepFailed } from './step.ts';

/** So many pods are rehearsed at once. */
const CONCURRENCY = 8;

/**
 * Sends each workload's own pod template as a server-side dry run, and sees who injects it and with which proxy:
 * what will come is known before anything is restarted (H09, H64, T14). Nothing is persisted.
 *
 * @param undo takes back what every new pod meets by now, and tells what that was
 */
export function rehearseInjection(
  release: (view: View) => Release,
  behind: Behind,
  undo: (context: Context, view: View) => Promise<readonly string[]> = () => Promise.resolve([]),
): Step {
  return {
    id: 'rehearse-injection',
    title: 'Rehearse the injection of the pods to come',
    timeoutMs: 5 * 60_000,
    run: async (context, view) => {
      const { workloads } = toReplace(view.mesh, behind(view), view.before, view.upgrade);
      const expected = release(view);
      const findings: Finding[] = [];
      let kept = 0;
      const queue = [...workloads];
      const worker = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const seen = await rehearse(context, next, expected);
          findings.push(...seen.findings);
          if (seen.keeps) kept += 1;
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, worker));
      if (hasError(findings)) {
        const undone = await undo(context, view);
        context.report.notes.push(
          ...undone.map((what) => `${what} was taken back, before anything was restarted.`),
        );
        throw new StepFailed(findings);
      }
      context.report.findings.push(...findings);
      if (workloads.length === 0) return 'nothing is to be restarted';
      const unknown = findings.length === 0 ? '' : `; ${String(findings.length)} could not be rehearsed`;
      const well = workloads.length - findings.length;
      return kept === 0
        ? `${String(well)} templates, each would get proxy ${expected.version} of ${expected.revision}${unknown}`
        : `${String(well)} templates, each would be of ${expected.revision}: ${String(well - kept)} with proxy ${expected.version}, ${String(kept)} ${kept === 1 ? 'keeps its' : 'keep their'} own image${unknown}`;
    },
  };
}

/** What the rehearsal of one template showed. */
interface Seen {
  readonly findings: readonly Finding[];
  /** It would be right, with the image of another release, which its annotation keeps. */
  readonly keeps: boolean;
}

async function rehearse(
  { cluster, upgrade, inputs }: Context,
  workload: Workload,
  expected: Release,
): Promise<Seen> {
  const answer = await injectionOf(cluster, workload);
  if (answer.kind === 'gone') return told();
  if (answer.kind === 'refused') return told(toFinding(workload, answer.refusal, inputs.phase));
  // Beside a control plane that stays, a template may keep the image of its proxy: then its revision counts.
  const keepsImage = workload.proxyImage !== undefined && !isInPlace(upgrade);
  // Another mesh may have a revision of the same name.
  const place = answer.kind === 'injected' ? (answer.place ?? inputs.istioNamespace) : '';
  const isThere =
    answer.kind === 'injected' && answer.revision === expected.revision && place === inputs.istioNamespace;
  const isOfRelease =
    answer.kind === 'injected' && sameRelease(answer.version ?? expected.version, expected.version);
  if (isThere && (keepsImage || isOfRelease)) return { findings: [], keeps: !isOfRelease };
  return told({
    id: 'injection-rehearsal-wrong',
    severity: 'error',
    object: nameOf(workload),
    message:
      answer.kind === 'bare'
        ? 'a pod of its template would come without a sidecar'
        : `a pod of its template would get proxy ${answer.version ?? 'of unknown version'} of revision ${answer.revision ?? 'unknown'}${place === inputs.istioNamespace ? '' : `, which asks the istiod in ${place}`}, not ${expected.version} of ${expected.revision}`,
    remedy:
      workload.proxyImage === undefined
        ? 'Nothing was restarted. Check the labels of the namespace and of the template, and the webhooks.'
        : `Nothing was restarted. Its template keeps the image ${workload.proxyImage} (sidecar.istio.io/proxyImage): take the annotation away, or accept that it stays behind: allow-stragglers: ${workload.namespace}/${workload.name}`,
  });
}

function told(...findings: readonly Finding[]): Seen {
  return { findings, keeps: false };
}

/**
 * A refusal by the injector, or because nobody answers there, would meet every pod to come. One by somebody else (a quota
 * that counts dry runs, a policy against bare pods) says nothing of the injection: the restart itself decides (M26).
 */
function toFinding(
  workload: Workload,
  { by, name = '', unanswered, words }: Refusal,
  phase: Context['inputs']['phase'],
): Finding {
  const object = nameOf(workload);
  return by === 'injector'
    ? {
        id: 'injection-rehearsal-failed',
        severity: 'error',
        object,
        message:
          unanswered === true
            ? `a pod of its template would be refused, as the injector ${name} could not be asked: ${words}`
            : `the injector ${name} answered and refuses it: ${words}`,
        remedy: `Nothing was restarted. ${unanswered === true ? 'Check that the injector can be reached from the API server (port 15017)' : remedyFor(phase)}.`,
      }
    : {
        id: 'injection-not-rehearsed',
        severity: 'warning',
        object,
        message: `a dry run of a pod of its template was refused, and not by the injector: ${words}`,
        remedy:
          'Nothing, if real pods are admitted: quotas count dry runs, and some policies refuse pods without an owner. The restart shows it.',
      };
}
