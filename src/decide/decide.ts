import type { Check, CheckView } from '../checks/check.ts';
import { type Finding, hasError } from '../finding.ts';
import { NOTHING_BEFORE, stillTroubled } from '../istio/before.ts';
import type { ProxyVerdict } from '../istio/evidence.ts';
import { type Scope, restOf } from '../istio/scope.ts';
import { type Sides, isInPlace, isOfUpgrade } from '../istio/side.ts';
import { needsProof, proofOfCanary, stateOf } from '../istio/state.ts';
import { acceptedBy } from '../istio/stragglers.ts';
import { followersOf } from '../istio/tags.ts';
import type { UpgradeState } from '../outcome.ts';
import { attemptName } from '../record/attempt.ts';
import type { UpgradeRecord } from '../record/record.ts';
import { beforeOf } from './before-of.ts';
import { doubtOf, recordDoubted, wayUnclear } from './credit.ts';
import type { Facts } from './facts.ts';
import { selectNamespaces } from './selection.ts';
import { DECIDING, otherStrategy } from './strategy.ts';
import { unprovedOf } from './unproved.ts';
import type { Upgrade, View } from './upgrade.ts';
import { heldInPlace, whyNoCanary } from './why-no-canary.ts';

/** What of a phase decides whether it may begin. */
export interface Beginning {
  /** States from which it may start; any other is refused. */
  readonly states: readonly UpgradeState[];
  /** Must hold before anything is touched. */
  readonly checks: readonly Check[];
}

/** What a run is about, and whether it may begin. */
export type Decision =
  | { readonly kind: 'nothing'; readonly because: string; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'refused';
      readonly findings: readonly Finding[];
      readonly view?: View;
      readonly state?: UpgradeState;
    }
  | {
      readonly kind: 'upgrade';
      readonly view: View;
      readonly state: UpgradeState;
      /** None of them is an error. */
      readonly findings: readonly Finding[];
      /** Why a canary that is being made is none yet. */
      readonly unproved: readonly Finding[];
      /** What was on record when it was decided, of whichever upgrade. */
      readonly recorded: UpgradeRecord | undefined;
    };

/**
 * Which upgrade this is and in which direction, whose namespaces, in what state, and whether the phase may begin. Pure:
 * it is made before the lock, and again under it from a fresh look. Inputs outweigh the mesh, the mesh outweighs the
 * record, which only hints.
 */
export function decide(phase: Beginning, facts: Facts): Decision {
  const { inputs, mesh } = facts;
  const doubt = facts.record === undefined ? undefined : doubtOf(facts.record, mesh);
  const record = doubt === undefined ? facts.record : undefined;
  const told = doubt === undefined ? [] : [recordDoubted(doubt, mesh)];
  const strategy = DECIDING[inputs.strategy];
  const begun = otherStrategy(record, inputs.strategy);
  if (begun.length > 0) return { kind: 'refused', findings: [...begun, ...told] };
  const sides = strategy.sidesOf(inputs, mesh, record);
  if (sides.kind === 'nothing') return { ...sides, findings: told };
  if (sides.kind === 'refused') return { ...sides, findings: [...sides.findings, ...told] };
  if (doubt !== undefined && inputs.phase === 'rollback' && facts.record !== undefined) {
    const unclear = wayUnclear(facts.record, sides, mesh);
    if (unclear.length > 0) return { kind: 'refused', findings: unclear };
  }
  const mine = record !== undefined && isOfUpgrade(record, sides) ? record : undefined;
  const flaw = strategy.flawOf(inputs.phase, mesh, sides, mine);
  if (flaw?.kind === 'nothing') return { ...flaw, findings: told };
  const goesOn = mine !== undefined && isGoneOnWith(mine, facts, sides);
  const attempt = goesOn ? mine.attempt : attemptName(sides, facts.freshAttempt);
  const chosen = selectNamespaces(inputs.canaryNamespaces, mesh, sides);
  const tags = strategy.tagMovesOf(inputs, mesh, sides, mine);
  const reached = followersOf(mesh, Object.keys(tags)).map(({ name }) => name);
  const named = inputs.phase === 'promote' ? restOf(mesh) : chosen.names;
  const upgrade: Upgrade = {
    attempt,
    from: sides.from,
    to: sides.to,
    scope: { namespaces: [...new Set([...named, ...reached])].sort(), tags: Object.keys(tags) },
    tags,
  };
  const view: View = {
    mesh,
    record: mine,
    upgrade,
    before: beforeOf(facts, upgrade, mine),
    accepted: acceptedBy(inputs.stragglers),
  };
  const proof = provedState(facts, view);
  const refuse = (findings: readonly Finding[]): Decision => ({
    kind: 'refused',
    view,
    // Nothing seen, no state.
    ...(proof.unasked === true ? {} : { state: proof.state }),
    findings: [...findings, ...told],
  });
  if (flaw !== undefined) return refuse(flaw.findings);
  const selection = inputs.phase === 'promote' || inputs.phase === 'rollback' ? [] : chosen.findings;
  const seen: CheckView = {
    ...view,
    phase: inputs.phase,
    kubernetes: facts.kubernetes,
    status: facts.status,
    gateways: facts.gateways,
    state: proof.state,
    removal: inputs,
    asked: inputs,
    now: facts.now,
  };
  const before = [...selection, ...wrongState(phase, seen, proof)];
  if (hasError(before)) return refuse(before);
  const findings = phase.checks.flatMap((check) => check(seen));
  return hasError(findings)
    ? refuse(findings)
    : {
        kind: 'upgrade',
        view,
        state: proof.state,
        findings: [...told, ...before, ...findings],
        unproved: proof.findings,
        recorded: facts.record,
      };
}

/**
 * Whether a run goes on with an attempt. In place promote does also with one that had ended, where that has left something
 * that may move by now: what its canary was given, and what was given up, is remembered under its name.
 */
function isGoneOnWith(record: UpgradeRecord, { inputs, mesh }: Facts, sides: Sides): boolean {
  if (record.endedAt === undefined) return true;
  if (inputs.phase !== 'promote' || record.intent !== 'promote' || !isInPlace(sides)) return false;
  const troubled = new Set(stillTroubled(mesh, record.troubled ?? []));
  return stateOf(mesh, record, sides, { ...NOTHING_BEFORE, troubled }) === 'promoting';
}

/** A state, and what is wrong with a canary that is not proved to be one. */
interface Proof {
  readonly state: UpgradeState;
  /** It stands by what objects show: nobody was asked yet. */
  readonly unasked?: true;
  readonly findings: readonly Finding[];
}

/**
 * `canary` is said only where it was seen to work; else it is still being made (M02). So is `completed` of an upgrade in place
 * that is under way: somebody else may have restarted the rest, and nobody has looked at it. Then the canary alone counts.
 */
function provedState({ mesh, status, inputs }: Facts, view: View): Proof {
  const { upgrade, record, before, accepted } = view;
  const state = stateOf(mesh, record, upgrade, before);
  if (!needsProof(state, record, upgrade)) return { state, findings: [] };
  // Before istioctl is at hand nobody was asked yet: the first, cheap decision stands by what the objects show.
  const { to } = status;
  if (to === undefined) return { state, unasked: true, findings: [] };
  const proof = (scope?: Scope): ProxyVerdict =>
    proofOfCanary(mesh, to, upgrade, { record, before, accepted }, scope);
  const verdict = proof();
  if (verdict.kind === 'proved') return { state, findings: [] };
  if (state === 'completed') {
    // A mesh without a proxy is through all the same.
    if (verdict.kind === 'unseen' && verdict.why === 'no-proxy') return { state, findings: [] };
    if (record?.intent === 'promote') return { state: 'promoting', findings: [] };
    const isAboutCanary = inputs.phase !== 'promote' && upgrade.scope.namespaces.length > 0;
    if (isAboutCanary && proof(upgrade.scope).kind === 'proved') return { state: 'canary', findings: [] };
  }
  return {
    state: 'canarying',
    findings: unprovedOf(verdict, view, inputs.phase === 'promote' ? [] : upgrade.scope.namespaces),
  };
}

/** By where the upgrade stands: what goes on from there (never what would be refused there, too). */
const FROM_THERE: Readonly<Record<UpgradeState, string>> = {
  none: 'Run canary first.',
  canarying: 'Run canary (again) until it succeeds, then promote. Or run rollback.',
  canary: 'Run promote, or rollback.',
  promoting: 'Finish what is under way: run promote again, or rollback.',
  promoted: 'Run promote with remove-old: true, or rollback.',
  removing: 'Run promote with remove-old: true: it finishes the removal.',
  completed: 'There is nothing left to go back to. docs/rollback.md says how to go back by hand.',
  'rolling-back': 'Run rollback again: it goes on where it stopped. Then begin anew with canary.',
  'rolled-back': 'Run canary first.',
};

function wrongState(phase: Beginning, view: CheckView, { state, findings }: Proof): Finding[] {
  if (phase.states.includes(state)) return [];
  if (findings.length > 0) return [...findings];
  const isNone = state === 'canarying';
  const held = isNone ? heldInPlace(view) : [];
  if (held.length > 0) return held;
  const why = isNone ? whyNoCanary(view) : undefined;
  return [
    {
      id: 'wrong-state',
      severity: 'error',
      message: `the upgrade is in state ${state}, from which ${view.phase} can't go on${why === undefined ? '' : `: ${why.message}`}`,
      remedy: why?.remedy ?? FROM_THERE[state],
    },
  ];
}
