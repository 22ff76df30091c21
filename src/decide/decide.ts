import type { Check } from '../checks/check.ts';
import { type Finding, hasError } from '../finding.ts';
import { type Before, type Doing, isOurs, servedNow, troubledBefore } from '../istio/before.ts';
import { type Unseen, remedyOfUnseen } from '../istio/evidence.ts';
import { type Mesh, nameOf } from '../istio/mesh.ts';
import { ownerKey } from '../istio/moves.ts';
import { followsByGit, meshNamespaces } from '../istio/scope.ts';
import { type Matches, isInPlace, onSide } from '../istio/side.ts';
import { proofOfCanary, stateOf } from '../istio/state.ts';
import { acceptedBy } from '../istio/stragglers.ts';
import { followersOf } from '../istio/tags.ts';
import { sameRelease } from '../istio/version.ts';
import type { UpgradeState } from '../outcome.ts';
import { attemptName } from '../record/attempt.ts';
import type { UpgradeRecord } from '../record/record.ts';
import { doubtOf, recordDoubted, wayUnclear } from './credit.ts';
import type { Facts } from './facts.ts';
import { selectNamespaces } from './selection.ts';
import { DECIDING, isOfUpgrade, otherStrategy } from './strategy.ts';
import type { Upgrade, View } from './upgrade.ts';

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
  const attempt =
    mine === undefined || mine.endedAt !== undefined ? attemptName(sides, facts.freshAttempt) : mine.attempt;
  const chosen = selectNamespaces(inputs.canaryNamespaces, mesh, sides.to.revision);
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
    record,
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
  const before = [...selection, ...wrongState(phase, inputs.phase, proof)];
  if (hasError(before)) return refuse(before);
  const findings = phase.checks.flatMap((check) =>
    check({
      ...view,
      phase: inputs.phase,
      kubernetes: facts.kubernetes,
      status: facts.status,
      gateways: facts.gateways,
      state: proof.state,
      removal: inputs,
      asked: inputs,
      now: facts.now,
    }),
  );
  return hasError(findings)
    ? refuse(findings)
    : { kind: 'upgrade', view, state: proof.state, findings: [...told, ...findings] };
}

/** All of the mesh, but for those that Git lets follow the default: they move with it. */
function restOf(mesh: Mesh): string[] {
  return meshNamespaces(mesh)
    .filter((namespace) => !followsByGit(namespace))
    .map(({ name }) => name);
}

function beforeOf(facts: Facts, upgrade: Upgrade, record: UpgradeRecord | undefined): Before {
  // With no record of it the restarts of an upgrade that is under way would pass for somebody else's, and what they broke
  // for what was broken before: a canary that does not work would be said to.
  const doing: Doing = {
    attempt: upgrade.attempt,
    ...(record === undefined ? { forgotten: upgrade.to } : {}),
  };
  const left = onSide(upgrade, 'from');
  const { mesh, declined, status } = facts;
  // One that is complete is still what promote looks at again, and what a rollback takes back: what was wrong before it is
  // known by its record alone.
  const { phase } = facts.inputs;
  const looksBack = (phase === 'promote' || phase === 'rollback') && record?.intent !== 'rollback';
  const mine = record?.endedAt === undefined || looksBack ? record : undefined;
  const known = mine?.troubled ?? [];
  const answer = status.from;
  const owners = new Set(mine?.unsynced ?? []);
  const served = servedNow(mesh);
  if (answer?.readable !== true) {
    return { troubled: troubledBefore(mesh, doing, known), declined, unsynced: owners, served };
  }
  const synced = new Set(
    answer.proxies
      .filter(({ sync }) => sync === 'synced')
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  const ours = new Set(mesh.workloads.filter((workload) => isOurs(workload, doing)).map(nameOf));
  const unsynced = mesh.pods.filter(
    (pod) =>
      left(pod) && !ours.has(ownerKey(pod)) && (!synced.has(`${pod.namespace}/${pod.name}`) || !pod.ready),
  );
  // A pod that is not ready says nothing of its proxy: whether its workload was broken is told by its rollout.
  for (const pod of unsynced)
    if (pod.ready && !pod.terminating && pod.owner !== undefined) owners.add(ownerKey(pod));
  if (phase !== 'rollback') {
    return { troubled: troubledBefore(mesh, doing, known), declined, unsynced: owners, served };
  }
  // In place: left behind by an earlier upgrade, or of a version that nobody can tell.
  const odd = isInPlace(upgrade)
    ? mesh.pods.filter((pod) => left(pod) && !sameRelease(pod.version ?? '', upgrade.from.version))
    : [];
  // Born before a label, or while no injector answered: a rollback leaves it as it finds it.
  const bare = mesh.pods.filter(
    (pod) => pod.revision === undefined && !pod.terminating && !ours.has(ownerKey(pod)),
  );
  return {
    // What a rollback finds on the canary is what it is there to mend.
    troubled: new Set([...known, ...troubledOutside(mesh, left, doing)]),
    declined,
    served,
    unsynced: new Set([
      ...owners,
      ...[...unsynced, ...bare, ...odd].map(({ namespace, name }) =>
        nameOf({ kind: 'Pod', namespace, name }),
      ),
    ]),
  };
}

/** Workloads that are not healthy and have no pod on the canary. */
function troubledOutside(mesh: Mesh, left: Matches, doing: Doing): string[] {
  const elsewhere = new Set(
    mesh.pods.filter((pod) => pod.revision !== undefined && !left(pod)).map(ownerKey),
  );
  return [...troubledBefore(mesh, doing, [])].filter((name) => !elsewhere.has(name));
}

/** A state, and what is wrong with a canary that is not proved to be one. */
interface Proof {
  readonly state: UpgradeState;
  /** It stands by what objects show: nobody was asked yet. */
  readonly unasked?: true;
  readonly findings: readonly Finding[];
}

/** `canary` is said only where it was seen to work; else it is still being made (M02). */
function provedState({ mesh, status }: Facts, view: View): Proof {
  const { upgrade, record, before, accepted } = view;
  const state = stateOf(mesh, record, upgrade, before);
  if (state !== 'canary') return { state, findings: [] };
  // Before istioctl is at hand nobody was asked yet: the first, cheap decision stands by what the objects show.
  if (status.to === undefined) return { state, unasked: true, findings: [] };
  const verdict = proofOfCanary(mesh, status.to, upgrade, { before, accepted });
  if (verdict.kind === 'proved') return { state, findings: [] };
  return {
    state: 'canarying',
    findings: verdict.kind === 'behind' ? verdict.findings : [canaryUnseen(upgrade.to.revision, verdict)],
  };
}

function canaryUnseen(revision: string, unseen: Unseen): Finding {
  return {
    id: 'proxies-not-seen',
    severity: 'error',
    message: `whether the canary works could not be seen: ${unseen.waiting}`,
    remedy: remedyOfUnseen(unseen, revision),
  };
}

const FROM_THERE: Readonly<Record<Facts['inputs']['phase'], string>> = {
  canary: 'Finish what is under way: run the phase that began it again, or rollback.',
  promote: 'Run canary (again) until it succeeds, then promote. Or run rollback.',
  rollback: 'There is nothing left to go back to. docs/rollback.md says how to go back by hand.',
  precheck: '',
};

function wrongState(phase: Beginning, name: Facts['inputs']['phase'], { state, findings }: Proof): Finding[] {
  if (phase.states.includes(state)) return [];
  if (findings.length > 0) return [...findings];
  return [
    {
      id: 'wrong-state',
      severity: 'error',
      message: `the upgrade is in state ${state}, from which ${name} can't go on`,
      remedy: FROM_THERE[name],
    },
  ];
}
