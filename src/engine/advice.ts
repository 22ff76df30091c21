import { rollbackRefusedFor } from '../checks/in-place/way-back.ts';
import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { gatewaysOf } from '../istio/installed-gateway.ts';
import { type Outcome, type Phase, type UpgradeState, exitCode } from '../outcome.ts';
import type { Inputs } from '../inputs.ts';
import { inputsAt } from '../istio/home.ts';
import { isInPlace } from '../istio/side.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import { movesDefault } from '../istio/movable-default.ts';
import { keptOnTarget } from '../istio/kept-on-target.ts';
import { agentsOf } from '../istio/shared-component.ts';
import { destinationFlaw, noWayBack } from '../istio/way-back.ts';
import type { Report, RollbackReport } from '../report/report.ts';
import { keysOf } from './given-up.ts';

/** What to do next in a state when the phase did its work, and which phase that is. */
const NEXT: Readonly<Record<UpgradeState, Advice>> = {
  none: { text: 'Run canary when the time suits.', phase: 'canary' },
  canarying: { text: 'Run canary again: it goes on where it stopped. Or run rollback.', phase: 'canary' },
  canary: { text: 'Watch the canary namespaces. Then run promote, or rollback.', phase: 'promote' },
  promoting: { text: 'Run promote again: it goes on where it stopped. Or run rollback.', phase: 'promote' },
  promoted: {
    text: 'Watch the mesh with both control planes side by side. Then run promote with remove-old: true. Until then rollback works.',
    phase: 'promote',
  },
  removing: {
    text: 'Run promote with remove-old: true again: it goes on where it stopped.',
    phase: 'promote',
  },
  completed: { text: 'Nothing: the upgrade is complete.' },
  'rolling-back': { text: 'Run rollback again: it goes on where it stopped.', phase: 'rollback' },
  'rolled-back': {
    text: 'Find out what went wrong. If the version stands in Git, put it back there, too. The next attempt begins with precheck.',
    phase: 'precheck',
  },
};

/** What to do next where there is nothing to upgrade: then what is given for an installation was not looked at. */
export function untilNewer({ config, set }: Pick<Inputs, 'config' | 'set'>): string {
  const next = 'Nothing, until there is a newer version.';
  return config.length + set.length === 0
    ? next
    : `${next} Until then config and set are not compared with what runs, and a change of them is not installed.`;
}

interface Advice {
  readonly text: string;
  /** None after a run that did not succeed: a failed outcome points to its own remedy, never forward (M02). */
  readonly phase?: Phase;
}

/** So many remedies are told at the top; all of them stand with their findings. */
const REMEDIES = 2;

/**
 * Fills in what to do next and whether there is a way back, from where the upgrade stands.
 *
 * @param view as the run leaves the cluster; undefined where it was not seen
 * @param unproved why a canary that is being made is none yet: a run that did its own work is no worse for it
 */
export function advise(report: Report, view: View | undefined, unproved: readonly Finding[] = []): void {
  const next = nextOf(report, unproved);
  if (isDone(report) && report.state === 'canarying') {
    report.findings.push(...unproved.map((finding): Finding => ({ ...finding, severity: 'warning' })));
  }
  if (report.next === '') report.next = next.text;
  if (next.phase !== undefined) report.nextPhase = next.phase;
  if (view !== undefined && report.state !== undefined) report.rollback = rollbackOf(view, report.state);
}

function isDone({ outcome }: Report): boolean {
  return outcome !== undefined && exitCode(outcome) === 0;
}

function nextOf(report: Report, unproved: readonly Finding[]): Advice {
  const { state, outcome, phase, dryRun, findings } = report;
  if (!isDone(report)) return { text: fromRemedies(outcome, phase, findings, state) };
  if (dryRun && outcome === 'succeeded') return { text: `Run ${phase} without dry-run to do it.`, phase };
  if (state === undefined) return { text: '' };
  // The same canary once more would find nothing to do: what is in the way has to change first.
  if (state === 'canarying' && unproved.some(({ severity }) => severity === 'error')) {
    const text = fromRemedies(outcome, phase, unproved, state);
    return phase === 'canary' ? { text } : { text, phase: 'canary' };
  }
  const fresh = state === 'none' || state === 'rolled-back';
  return phase === 'precheck' && fresh ? NEXT.none : NEXT[state];
}

/** What the errors themselves say is to be done; never a phase that would meet the same cause again. */
function fromRemedies(
  outcome: Outcome | undefined,
  phase: Phase,
  findings: readonly Finding[],
  state: UpgradeState | undefined,
): string {
  const remedies = remediesOf(findings.filter(({ severity }) => severity === 'error'));
  const told = remedies.slice(0, REMEDIES).join(' ');
  const more = remedies.length > REMEDIES ? ` ${String(remedies.length - REMEDIES)} more below.` : '';
  if (told !== '') return `${told}${more}`;
  // The same phase goes on with a removal only where it is asked to remove.
  if (outcome === 'cancelled' && state === 'removing') return NEXT.removing.text;
  return outcome === 'cancelled'
    ? `Run ${phase} again: it goes on where it stopped.`
    : `Read the findings, then run ${phase} again.`;
}

/** Each once. */
function remediesOf(errors: readonly Finding[]): string[] {
  return [...new Set(errors.flatMap(({ remedy = '' }) => (remedy === '' ? [] : [remedy])))];
}

/** What is to be run, as sentences: at once, or once what comes first is done, and why that comes first. */
function afterFirst(why: string, first: readonly string[], run: string): string[] {
  return first.length === 0 ? [run.replace('run', 'Run')] : [`${why} First:`, ...first, `Then ${run}`];
}

/** In place the old release is installed again, whatever is there of the new one, but for what rollback refuses. */
function rollbackInPlaceOf(view: View): RollbackReport {
  const { from, to } = view.upgrade;
  const run = `run this Action with strategy: in-place, phase: rollback, version: ${to.version}${inputsAt(view.mesh)} and the config and set of canary.`;
  const refused = rollbackRefusedFor(view);
  const lost = view.record?.givenUp ?? [];
  return {
    ready: refused.length === 0,
    how: [
      ...afterFirst(
        `Rollback would be refused (${[...new Set(refused.map(({ id }) => id))].join(', ')}).`,
        remediesOf(refused).map((remedy) => remedy.replace(/\.?$/, '.')),
        run,
      ),
      ...(refused.length > 0
        ? []
        : [
            `It takes the proxies back first where ${from.version} is the older release, and installs ${from.version} again in place.`,
          ]),
      ...(lost.length === 0 ? [] : [`What was allowed to change does not get as it was: ${keysOf(lost)}.`]),
    ].join(' '),
  };
}

function rollbackOf(view: View, state: UpgradeState): RollbackReport {
  const { mesh, record, upgrade } = view;
  const { from, to } = upgrade;
  if (state === 'none' || state === 'rolled-back') {
    return { ready: false, how: 'There is nothing to go back from.' };
  }
  if (isInPlace(upgrade)) return rollbackInPlaceOf(view);
  const why =
    planeOfRevision(mesh, from.revision) === undefined
      ? 'the old control plane is not there any more'
      : noWayBack(mesh, from.revision, record?.removing);
  if (why !== undefined) {
    return {
      ready: false,
      how: `The point of no return is past: ${why}. To go back, install the old version beside ${to.version} by hand and move the namespaces over (docs/rollback.md).`,
    };
  }
  const flaw = destinationFlaw(mesh, from.revision);
  if (flaw !== undefined) {
    return { ready: false, how: `The old control plane (${from.revision}) ${flaw}.` };
  }
  const gateways = gatewaysOf(mesh, to.revision).length > 0;
  const along = [
    ...(gateways ? ['the gateways'] : []),
    ...(agentsOf(mesh.shared, to.revision).length > 0 ? ['Istio CNI'] : []),
  ];
  const first = keptOnTarget(mesh, { from, to });
  const run = `run this Action with phase: rollback and version: ${to.version}${inputsAt(mesh)}.`;
  return {
    // What others keep on the target it does not take from them, so without them it does not bring all back.
    ready: first.length === 0,
    how: [
      ...afterFirst(`Others keep something on ${to.revision}, which rollback can't change.`, first, run),
      ...(along.length > 0
        ? [
            `Give it the ${gateways ? 'gateway-config, config and set' : 'config and set'} of canary and promote: it puts back ${along.join(' and ')} by them.`,
          ]
        : []),
      `It puts back ${movesDefault(mesh, { from, to }) ? 'the default tag and ' : ''}the labels, restarts what is on ${to.revision}, and removes ${to.revision}.`,
    ].join(' '),
  };
}
