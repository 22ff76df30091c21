import { type Beginning, type Decision, decide } from '../decide/decide.ts';
import type { Facts } from '../decide/facts.ts';
import { GONE } from '../decide/sides.ts';
import { versionNotes } from '../istio/plane-version.ts';
import type { Report } from '../report/report.ts';
import { describeDataPlane } from '../steps/data-plane.ts';
import { Refused } from '../steps/step.ts';
import { sideBySide } from './errand.ts';
import type { Session } from './session.ts';

/** A run that may begin, or has nothing to do. */
export type Settled = Exclude<Decision, { readonly kind: 'refused' }>;

/**
 * Decides from what was seen, and puts it into the report. All phases begin with it, precheck too.
 *
 * @throws Refused with all that is in the way
 */
export function settle(phase: Beginning, facts: Facts, report: Report): Settled {
  return unlessRefused(decided(phase, facts, report));
}

function unlessRefused(decision: Decision): Settled {
  if (decision.kind === 'refused') throw new Refused(decision.findings);
  return decision;
}

/** As {@link settle}, for a precheck, which goes on looking where another phase would stop. */
export function decided(phase: Beginning, facts: Facts, report: Report): Decision {
  const decision = decide(phase, facts);
  const view = decision.kind === 'nothing' ? undefined : decision.view;
  if (view !== undefined) {
    const { from, to, attempt } = view.upgrade;
    if (from !== GONE) report.from = from;
    report.to = to;
    // A precheck begins no attempt.
    if (facts.inputs.phase !== 'precheck') report.attempt = attempt;
    if (decision.kind !== 'nothing' && decision.state !== undefined) report.state = decision.state;
    for (const note of versionNotes(view.mesh)) if (!report.notes.includes(note)) report.notes.push(note);
    describeDataPlane({ report, upgrade: view.upgrade }, view);
  }
  return decision;
}

/** Steps that only looked may have waited for pods: where the upgrade stands is told from what they saw last. */
export async function stateAfter(
  phase: Beginning,
  { mesh: glimpsed, record: kept }: Pick<Session, 'mesh' | 'record'>,
  seen: Facts,
): Promise<Pick<Extract<Settled, { kind: 'upgrade' }>, 'state' | 'unproved'>> {
  const [mesh, record] = await sideBySide([() => glimpsed.recent(), () => kept.recent()]);
  return begun(unlessRefused(decide(phase, { ...seen, mesh, record, now: Date.now() })));
}

/** What was to be upgraded a moment ago can't have turned into nothing to upgrade without somebody else's doing. */
export function begun(settled: Settled): Exclude<Settled, { kind: 'nothing' }> {
  if (settled.kind === 'upgrade') return settled;
  throw new Refused([
    {
      id: 'changed-meanwhile',
      severity: 'error',
      message: `while this run looked, the cluster changed: ${settled.because}`,
      remedy: 'Nothing was touched. Look at what was done, then run this phase again.',
    },
  ]);
}
