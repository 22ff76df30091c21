import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import type { AuditEntry } from '../../embedded/api/audit.ts';
import { type RunAct, touchesRecord } from './acts.ts';
import { type Aim, aimOf, inPlace, isAt, sayAim } from './aim.ts';
import { cniGoal, gatewayGoal, gatewayLost, gatewayUnserved } from './gateway-rules.ts';
import { directionInPlace, goalInPlace, newerProxies, stateInPlaceLies } from './in-place-rules.ts';
import { type Answer, type Look, type Seen, homeOf, sayAnswer } from './look.ts';

/** What is judged: one run, and what was seen around it. It is all plain data, so that each rule can be tried by itself. */
export interface Case {
  readonly act: RunAct;
  /** Undefined where the run was killed. */
  readonly said: Verdict | undefined;
  /** At the beginning of this upgrade, before this run, and after it. */
  readonly begin: Look;
  readonly before: Look;
  readonly after: Look;
  /** The requests of the run and its istioctl. */
  readonly requests: readonly AuditEntry[];
  /** Somebody acted while it ran, and it read the webhooks after that. */
  readonly sawOthers?: boolean;
  /** What others did while it ran, and since the beginning. */
  readonly others: Touched;
  readonly othersSinceBegin: Touched;
  /** Another run held the lock when it began. */
  readonly held?: boolean;
  /** In place somebody has given up some of the mesh configuration by its key: it does not come back with the old release, which has to say so. */
  readonly gaveUp?: boolean;
  /** Somebody took the record or changed it: what was given up, nothing else tells. */
  readonly forgotten?: boolean;
  /** In place, with its record lost, a rollback was told the version of the other side: then the input alone says which way. */
  readonly misled?: boolean;
  /** What was not as it has to be at some moment of the run. */
  readonly moments?: Moments;
  /** Workloads that were not well in the beginning, or that somebody broke. */
  readonly unwell: ReadonlySet<string>;
}

/** What was seen after each change while a run went on. */
export interface Moments {
  /** Gateways that had no ready pod with a stream to an istiod, each once. */
  readonly unserved: readonly string[];
  /** Proxies that were newer than each istiod that was ready. */
  readonly newer: readonly string[];
}

/** The part of what a run says that is judged. */
export interface Verdict {
  readonly outcome: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly headline: string;
  readonly findings: readonly { readonly id: string; readonly message: string; readonly severity?: string }[];
}

/** What somebody else has changed: namespaces, or things that all of the mesh depends on. */
export interface Touched {
  readonly namespaces: ReadonlySet<string>;
  readonly mesh: boolean;
  readonly any: boolean;
}

export interface Violation {
  /** Which rule, by a name of its own. */
  readonly rule: string;
  readonly text: string;
}

type Rule = (judged: Case) => readonly string[];

/** Outcomes of a run that says that its goal is reached. */
export const REACHED = ['succeeded', 'no-changes', 'rolled-back'];

export const ISTIO = 'istio-system';
const ORIGINALS = 'istio-upgrade/original-labels';
const CHOICE = ['istio.io/rev', 'istio-injection'] as const;

/** All rules, by name. What a text says is for people; what is counted is the name. */
export const RULES = {
  'outside-scope-written': outsideScope,
  'reader-writes': ({ act, requests }) =>
    act.run === 'precheck' || act.inputs['dry-run'] === 'true'
      ? requests.filter(({ persisting }) => persisting).map(requestOf)
      : [],
  'refused-but-wrote': ({ said, requests }) =>
    said?.outcome === 'refused' ? writesIn(requests).map(requestOf) : [],
  // Who has lost the server while istioctl was at work can't know what came through, and says so.
  // And what somebody else's istioctl wrote can't be told from what its own did.
  'failed-without-write': ({ act, said, requests, others }) =>
    said?.outcome === 'failed' && act.during?.by !== 'lost' && !others.mesh && !hasSent(requests)
      ? [idsOf(said)]
      : [],
  'unexpected-error': ({ said }) =>
    (said?.findings ?? []).filter(({ id }) => id === 'unexpected-error').map(({ message }) => message),
  'failed-points-forward': ({ act, said }) =>
    act.run === 'canary' && said?.outcome === 'failed' && said.outputs['next-phase'] === 'promote'
      ? [`failed (${idsOf(said)}), and next-phase=promote`]
      : [],
  'points-to-itself': ({ act, said }) =>
    said?.outcome === 'no-changes' &&
    said.outputs['next-phase'] === act.run &&
    act.inputs['dry-run'] !== 'true' &&
    !(act.run === 'promote' && said.outputs.state === 'promoted' && act.inputs['remove-old'] !== 'true')
      ? [`nothing to do in state ${said.outputs.state ?? ''}, and next-phase=${act.run}`]
      : [],
  'wrong-direction': wrongDirection,
  'lock-ignored': ({ act, held, requests }) =>
    held === true && act.run !== 'rollback' ? writesIn(requests).map(requestOf) : [],
  'canary-goal': canaryGoal,
  'promote-goal': promoteGoal,
  'rollback-goal': rollbackGoal,
  'rollback-not-equal': rollbackEqual,
  'state-is-a-lie': stateLies,
  'injection-lost': injectionLost,
  'injection-lost-in-green': lostInGreen,
  'injection-gained': injectionGained,
  'originals-lost': originalsLost,
  'removed-in-use': removedInUse,
  'gateway-lost': gatewayLost,
  'gateway-goal': gatewayGoal,
  'gateway-unserved': gatewayUnserved,
  'cni-goal': cniGoal,
  'adopted-goal': adoptedGoal,
  'outcome-and-state-differ': outcomeAndState,
  'setting-lost-untold': settingLost,
  'in-place-direction': directionInPlace,
  'in-place-goal': goalInPlace,
  'in-place-newer-proxies': newerProxies,
  'in-place-state-is-a-lie': stateInPlaceLies,
} satisfies Record<string, Rule>;

export function judge(judged: Case): Violation[] {
  return Object.entries(RULES).flatMap(([rule, find]) =>
    (find as Rule)(judged)
      .slice(0, 3)
      .map((text) => ({ rule, text })),
  );
}

function idsOf({ findings }: Verdict): string {
  return findings.map(({ id }) => id).join(', ') || 'no finding';
}

function requestOf({ method, path, code }: AuditEntry): string {
  return `${method} ${path} ${String(code)}`;
}

/** Own memory is no write in the sense of the outcomes. */
export function writesIn(requests: readonly AuditEntry[]): AuditEntry[] {
  return requests.filter((request) => request.persisted && !isMemory(request));
}

/** A write of istioctl's that found everything as it should be can't be told from one that changed something. */
function hasSent(requests: readonly AuditEntry[]): boolean {
  return requests.some((request) => request.persisting && request.code < 300 && !isMemory(request));
}

function isMemory({ path }: AuditEntry): boolean {
  return /\/leases\b/.test(path) || /\/configmaps\/istio-upgrade\b|\/configmaps(\?|$)/.test(path);
}

/** Whether anything was written but the lock. */
export function rememberedIn(requests: readonly AuditEntry[]): boolean {
  return requests.some(({ persisted, path }) => persisted && !/\/leases\b/.test(path));
}

const isOurs = ({ kind, home }: Answer): boolean => kind === 'injected' && home === ISTIO;

function namespaceOf(key: string): string {
  return homeOf(key) || (key.split(' ')[1] ?? '');
}

/** The namespaces in which somebody is injected by this Istio namespace's control planes, or is on them. */
export function scopeOf(look: Look): Set<string> {
  const asked = Object.entries(look.answers).filter(([, answer]) => isOurs(answer));
  const pods = look.pods.filter(({ home, revision }) => home === ISTIO && revision !== '');
  return new Set([...asked.map(([key]) => namespaceOf(key)), ...pods.map(({ namespace }) => namespace)]);
}

function outsideScope({ begin, before, after, others, requests }: Case): string[] {
  const scope = new Set([...scopeOf(begin), ...scopeOf(before), ISTIO]);
  // Somebody made or labelled it while the run went on: it is in the mesh by then.
  for (const name of scopeOf(after)) if (others.namespaces.has(name)) scope.add(name);
  // Marked by this Action once: to clear the mark is in order.
  for (const [name, { annotations }] of Object.entries(before.namespaces))
    if (annotations[ORIGINALS] !== undefined) scope.add(name);
  return requests
    .filter(({ persisted }) => persisted)
    .filter(({ path }) => {
      const home = /\/namespaces\/([^/?]+)/.exec(path)?.[1];
      return home !== undefined && !scope.has(home);
    })
    .map(requestOf);
}

function wrongDirection({ act, said, before, after }: Case): string[] {
  if (
    inPlace({ act }) ||
    said === undefined ||
    !['succeeded', 'rolled-back', 'failed', 'no-changes'].includes(said.outcome)
  )
    return [];
  const [from, to] = [said.outputs['from-version'] ?? '', said.outputs['to-version'] ?? ''];
  const told = from !== '' && to !== '' && !isBelow(from, to) ? [`from ${from} to ${to}`] : [];
  const gone = before.planes.filter(
    (plane) => plane.home === ISTIO && !after.planes.some((other) => samePlane(plane, other)),
  );
  const older =
    said.outcome === 'rolled-back'
      ? gone.filter(({ version }) =>
          after.planes.some((left) => left.home === ISTIO && isBelow(version, left.version)),
        )
      : [];
  return [...told, ...older.map(({ revision }) => `rollback removed ${revision}, the older one`)];
}

function samePlane(a: { home: string; revision: string }, b: { home: string; revision: string }): boolean {
  return a.home === b.home && a.revision === b.revision;
}

export function isBelow(a: string, b: string): boolean {
  const numbers = (text: string): number[] => text.split(/[.-]/).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  const at = [0, 1, 2].find((index) => left[index] !== right[index]);
  return at !== undefined && (left[at] ?? 0) < (right[at] ?? 0);
}

/** Names, and all that a selector `key=value` matches by the labels of the beginning or of now. */
export function selected(text: string, ...looks: readonly Look[]): Set<string> {
  const terms = text.split(/[\n,]/).map((term) => term.trim());
  const names = terms.filter((term) => term !== '' && !term.includes('='));
  const pairs = terms.filter((term) => term.includes('=')).map((term) => term.split('='));
  const matching = looks.flatMap(({ namespaces }) =>
    Object.entries(namespaces)
      .filter(([, { labels }]) => pairs.some(([key = '', value]) => labels[key] === value))
      .map(([name]) => name),
  );
  return new Set([...names, ...matching]);
}

/** A partition holds pods back by its owner's will, and is told before. */
const HELD_BACK = 'StatefulSet partition/';

/** What is not as it should be where all of these namespaces are to be on a revision. */
export function notOn(aim: Aim, homes: ReadonlySet<string>, judged: Case): string[] {
  const { begin, after, others, othersSinceBegin, unwell } = judged;
  const here = (home: string): boolean =>
    homes.has(home) && !others.namespaces.has(home) && !othersSinceBegin.namespaces.has(home);
  const accepted = (judged.act.inputs['allow-stragglers'] ?? '') !== '';
  const isWell = (owner: string): boolean => !unwell.has(owner) && !owner.startsWith(HELD_BACK);
  const answers = Object.entries(after.answers)
    .filter(
      ([key]) => here(namespaceOf(key)) && begin.answers[key] !== undefined && isOurs(begin.answers[key]),
    )
    .filter(([, answer]) => !isAt(aim, answer))
    .map(([key, answer]) => `${key}: a new pod would be ${sayAnswer(answer)}, not of ${sayAim(aim)}`);
  const pods = after.pods
    .filter(({ namespace, home, revision }) => here(namespace) && home === ISTIO && revision !== '')
    .filter(({ owner }) => isWell(owner) && !accepted)
    .flatMap((pod) => podProblem(pod, aim));
  const loads = after.workloads
    .filter(({ ref, namespace }) => here(namespace) && isWell(ref) && !accepted)
    .filter(({ ref }) => begin.answers[ref] !== undefined && isOurs(begin.answers[ref]))
    .filter(({ desired, ready, updated }) => ready < desired || updated < desired)
    .map(
      ({ ref, desired, ready, updated }) =>
        `${ref}: ${String(ready)} ready and ${String(updated)} updated of ${String(desired)}`,
    );
  return [...answers, ...pods, ...loads];
}

export function podProblem(
  { namespace, owner, revision, version, ready, connected, synced }: Seen,
  aim: Aim,
): string[] {
  const where = `a pod of ${owner} in ${namespace}`;
  if (!isAt(aim, { revision, version }))
    return [
      `${where} is on ${sayAim(aim.version === undefined ? { revision } : { revision, version })}, not on ${sayAim(aim)}`,
    ];
  if (!ready) return [`${where} is not ready`];
  if (connected !== aim.revision)
    return [`${where} is connected to ${connected ?? 'nobody'}, not to ${aim.revision}`];
  return synced ? [] : [`${where} is not in sync`];
}

/** A run that says that the mesh is as its phase has it: it did it, or found it so. */
export function claims({ act, said, others }: Case, run: RunAct['run']): boolean {
  if (act.run !== run || others.mesh || act.inputs['dry-run'] === 'true') return false;
  const found = said?.outcome === 'no-changes' && CLAIMED[run]?.includes(said.outputs.state ?? '') === true;
  return said?.outcome === 'succeeded' || found;
}

/** States in which a phase finds nothing to do because its goal is reached. */
const CLAIMED: Partial<Record<RunAct['run'], readonly string[]>> = {
  canary: ['canary'],
  promote: ['promoted', 'completed'],
};

function canaryGoal(judged: Case): string[] {
  const { act, begin, before, after } = judged;
  if (!claims(judged, 'canary')) return [];
  const tag = act.inputs['canary-tag'];
  const followers = tag === undefined ? '' : `,istio.io/rev=${tag}`;
  const chosen = `${act.inputs['canary-namespaces'] ?? ''}${followers}`;
  const homes = selected(chosen, begin, before);
  if (inPlace(judged)) return notOn(aimOf(judged, 'to'), homes, judged);
  // What istiod makes for Gateways stays where it is until promote (H19).
  const made = new Set(after.pods.filter(({ ofGateway }) => ofGateway).map(({ owner }) => owner));
  const answers = Object.entries(after.answers).filter(([key]) => !made.has(key));
  const without: Look = {
    ...after,
    pods: after.pods.filter(({ owner }) => !made.has(owner)),
    answers: Object.fromEntries(answers),
  };
  return notOn(aimOf(judged, 'to'), homes, { ...judged, after: without });
}

function promoteGoal(judged: Case): string[] {
  const { act, said, begin, after, unwell } = judged;
  if (!claims(judged, 'promote')) return [];
  const aim = aimOf(judged, 'to');
  const target = aim.revision;
  const from = inPlace(judged) ? '' : (said?.outputs['from-revision'] ?? '');
  const problems = notOn(aim, scopeOf(begin), judged);
  if (after.defaultInjector.join() !== target)
    problems.push(`the default is ${after.defaultInjector.join() || 'nobody'}, not ${target}`);
  if (after.defaultValidator !== target)
    problems.push(`the validator is ${after.defaultValidator ?? 'nobody'}, not ${target}`);
  for (const { owner, connected } of after.pods)
    if (
      connected === from &&
      from !== '' &&
      !unwell.has(owner) &&
      !owner.startsWith(HELD_BACK) &&
      (act.inputs['allow-stragglers'] ?? '') === ''
    )
      problems.push(`a pod of ${owner} is still connected to ${from}`);
  if (
    act.inputs['remove-old'] === 'true' &&
    after.planes.some(({ home, revision }) => home === ISTIO && revision === from)
  )
    problems.push(`the control plane ${from} is still there`);
  return problems;
}

/** Namespaces that named the old revision follow the tag then, where nobody else has changed them. */
function adoptedGoal(judged: Case): string[] {
  const { act, said, begin, after, othersSinceBegin } = judged;
  if (said?.outcome !== 'succeeded' || !claims(judged, 'promote') || act.inputs['adopt-tags'] !== 'true')
    return [];
  const tag = act.inputs['stable-tags'] ?? '';
  return (
    Object.entries(begin.namespaces)
      .filter(([name]) => !othersSinceBegin.namespaces.has(name) && after.namespaces[name] !== undefined)
      .filter(
        ([, { labels }]) =>
          labels['istio.io/rev'] === said.outputs['from-revision'] && labels['istio-injection'] === undefined,
      )
      // It follows the default tag already.
      .filter(([, { labels }]) => labels['istio.io/rev'] !== 'default')
      .filter(([name]) => after.namespaces[name]?.labels['istio.io/rev'] !== tag)
      .map(([name]) => `Namespace ${name} named the old revision, and does not follow the tag ${tag}`)
  );
}

function rollbackGoal(judged: Case): string[] {
  const { act, said, begin, after, others, othersSinceBegin } = judged;
  if (
    said?.outcome !== 'rolled-back' ||
    others.mesh ||
    othersSinceBegin.mesh ||
    judged.misled === true ||
    act.inputs['dry-run'] === 'true'
  )
    return [];
  const target = aimOf(judged, 'to');
  const untouched = (key: string): boolean => !othersSinceBegin.namespaces.has(namespaceOf(key));
  const answers = Object.entries(begin.answers)
    .filter(([key]) => untouched(key) && after.answers[key] !== undefined)
    .filter(([key, answer]) => sayAnswer(answer) !== sayAnswer(after.answers[key]!))
    .map(
      ([key, answer]) =>
        `${key}: a new pod would be ${sayAnswer(after.answers[key]!)}, not ${sayAnswer(answer)} as before`,
    );
  // By leave, as the rollback itself has asked for it.
  const accepted = (act.inputs['allow-stragglers'] ?? '') !== '';
  // In place: it was of that version before the upgrade began.
  const stood = new Set(
    begin.pods.filter((pod) => isAt(target, pod)).map(({ namespace, name }) => `${namespace}/${name}`),
  );
  const pods = after.pods
    .filter((pod) => pod.home === ISTIO && isAt(target, pod) && !accepted)
    .filter(({ namespace, name }) => target.version === undefined || !stood.has(`${namespace}/${name}`))
    .map(({ owner }) => `a pod of ${owner} is still on ${sayAim(target)}`);
  const plane = after.planes.some((one) => one.home === ISTIO && isAt(target, one))
    ? [`the control plane ${sayAim(target)} is still there`]
    : [];
  return [...answers, ...pods, ...plane];
}

function rollbackEqual({
  said,
  begin,
  after,
  othersSinceBegin,
  misled = false,
  gaveUp = false,
  forgotten = false,
}: Case): string[] {
  if (said?.outcome !== 'rolled-back' || othersSinceBegin.any || misled) return [];
  const isTold = forgotten || said.findings.some(({ id }) => id === 'given-up-not-restored');
  const isGivenUp = (difference: string): boolean =>
    gaveUp && isTold && difference.startsWith(`ConfigMap ${ISTIO}/istio is `);
  const untold = new Set(
    said.findings.flatMap(({ id, message }) =>
      id === 'tag-origin-unknown' ? (/revision tag (\S+) /.exec(message)?.[1] ?? []) : [],
    ),
  );
  // Without its record nobody can know that the upgrade made a tag: it is told, and stays.
  const isTagLeft = (difference: string): boolean =>
    [...untold].some(
      (tag) =>
        difference.includes(`istio-revision-tag-${tag} `) ||
        difference.includes(`istiod-revision-tag-${tag} `),
    ) && difference.endsWith(' is new');
  // Of a namespace that was being deleted already the rest goes, whoever does what (350001:2482).
  const isGoing = (difference: string): boolean => {
    const home = homeOf(difference);
    return home !== '' && begin.namespaces[home] === undefined && difference.endsWith(' has gone');
  };
  return differing(begin.snapshot, after.snapshot).filter(
    (difference) => !isGivenUp(difference) && !isTagLeft(difference) && !isGoing(difference),
  );
}

/** Names of objects that are not the same in two snapshots. */
export function differing(a: Look['snapshot'], b: Look['snapshot']): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => canonical(a[key]) !== canonical(b[key]))
    .map(
      (key) =>
        `${key} ${a[key] === undefined ? 'is new' : b[key] === undefined ? 'has gone' : 'is not as it was'}`,
    );
}

/** A map has no order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}

/** It was answered with lists of an older moment, once, was refused by what they say, and looked no second time. */
export function knowsNoBetter({ act, said }: Pick<Case, 'act' | 'said'>): boolean {
  return act.during?.stale === true && said?.outcome === 'refused';
}

function stateLies({ said, after, others, othersSinceBegin, unwell, act }: Case): string[] {
  const state = said?.outputs.state ?? '';
  if (said === undefined || state === '' || others.any || act.run === 'precheck' || inPlace({ act }))
    return [];
  if (knowsNoBetter({ act, said })) return [];
  const [from, to] = [said.outputs['from-revision'] ?? '', said.outputs['to-revision'] ?? ''];
  if (from === '' || to === '' || from === '(gone)') return [];
  const has = (wanted: string): boolean =>
    after.planes.some(({ home, revision }) => home === ISTIO && revision === wanted);
  const lies: string[] = [];
  const needsTo = ['canary', 'promoting', 'promoted', 'removing', 'completed'].includes(state);
  // Half-way it stays half-way when somebody takes the canary away; that it is gone is told, and the way back needs none.
  const isTold =
    state === 'promoting' &&
    othersSinceBegin.mesh &&
    (act.run === 'rollback' || said.findings.some(({ id }) => id === 'no-canary' || id === 'wrong-state'));
  if (needsTo && !has(to) && !isTold) lies.push(`${state}, but there is no control plane ${to}`);
  if (['canary', 'canarying', 'promoting', 'promoted', 'rolled-back'].includes(state) && !has(from))
    lies.push(`${state}, but there is no control plane ${from}`);
  if (state === 'completed' && has(from)) lies.push(`completed, but the control plane ${from} is there`);
  if (['none', 'rolled-back'].includes(state) && has(to))
    lies.push(`${state}, but the control plane ${to} is there`);
  const ours = after.pods.filter(
    ({ home, revision, owner }) =>
      home === ISTIO && revision !== '' && !unwell.has(owner) && !owner.startsWith(HELD_BACK),
  );
  if (state === 'promoted') {
    if (after.defaultInjector.join() !== to)
      lies.push(`promoted, but the default is ${after.defaultInjector.join()}`);
    const accepted = (act.inputs['allow-stragglers'] ?? '') !== '';
    const left = accepted ? undefined : ours.find(({ revision }) => revision === from);
    if (left !== undefined) lies.push(`promoted, but a pod of ${left.owner} is on ${from}`);
  }
  if (state === 'canary') {
    const there = after.pods.filter(({ home, revision }) => home === ISTIO && revision === to);
    const ill = there
      .filter(({ owner }) => !unwell.has(owner))
      .flatMap((pod) => podProblem(pod, { revision: to }));
    lies.push(...ill.slice(0, 1).map((problem) => `canary, but ${problem}`));
    // Somebody may have taken the canary's workloads away.
    if (there.length === 0 && !othersSinceBegin.any) lies.push(`canary, but no pod is on ${to}`);
  }
  return lies;
}

/** A workflow goes on by either of the two. */
const STATES_OF: Partial<Record<RunAct['run'], Readonly<Record<string, readonly string[]>>>> = {
  // Of a canary that was promoted, too, what somebody has taken away meanwhile is installed again.
  canary: {
    succeeded: ['canary', 'promoted', 'completed'],
    'no-changes': ['', 'canary', 'promoted', 'completed'],
  },
  promote: { succeeded: ['promoted', 'completed'], 'no-changes': ['', 'promoted', 'completed'] },
  rollback: { 'rolled-back': ['rolled-back'], 'no-changes': ['', 'none', 'rolled-back'] },
};

function outcomeAndState({ act, said, others }: Case): string[] {
  if (said === undefined || others.any || act.inputs['dry-run'] === 'true') return [];
  const state = said.outputs.state ?? '';
  const fits = STATES_OF[act.run]?.[said.outcome];
  // Whoever changes the record meanwhile, or takes it away, changes a part of what the state is told by.
  const by = act.during?.by;
  const isForged = typeof by === 'object' && touchesRecord(by);
  // Of several waves one did its work, and another is not well: it says so, and leads to no phase.
  const isOtherWave =
    act.run === 'canary' &&
    state === 'canarying' &&
    said.outputs['next-phase'] === '' &&
    said.findings.some(({ severity }) => severity === 'warning');
  return fits === undefined || fits.includes(state) || isForged || isOtherWave
    ? []
    : [`${said.outcome}, and the state is ${state || 'not said'}`];
}

function changedAnswers({ before, after, others }: Case): [key: string, was: Answer, is: Answer][] {
  if (others.mesh) return [];
  return Object.entries(before.answers).flatMap(([key, was]): [string, Answer, Answer][] => {
    const is = after.answers[key];
    return is === undefined || others.namespaces.has(namespaceOf(key)) || sayAnswer(is) === sayAnswer(was)
      ? []
      : [[key, was, is]];
  });
}

function injectionLost(judged: Case): string[] {
  return changedAnswers(judged)
    .filter(([, was, is]) => was.kind === 'injected' && is.kind !== 'injected')
    .map(([key, was, is]) => `${key}: a new pod was ${sayAnswer(was)}, and is ${is.kind} now`);
}

/** Whoever took the injector away: a run that looked after that does not end well without a word of it. */
function lostInGreen({ act, said, sawOthers, before, after }: Case): string[] {
  const isGreen = REACHED.includes(said?.outcome ?? '');
  if (!isGreen || sawOthers !== true || act.run === 'precheck' || act.inputs['dry-run'] === 'true') return [];
  if (act.inputs['allow-stragglers'] !== undefined) return [];
  const labelsOf = ({ namespaces }: Look, name: string): (string | undefined)[] =>
    CHOICE.map((label) => namespaces[name]?.labels[label]);
  const asks = (name: string): boolean => {
    const { 'istio-injection': injection, 'istio.io/rev': revision } = after.namespaces[name]?.labels ?? {};
    return injection === 'enabled' || (injection === undefined && revision !== undefined);
  };
  // Nobody in the stories takes a label from a template.
  const stillAsks = (key: string): boolean => {
    const name = namespaceOf(key);
    return (
      asks(name) ||
      (!key.startsWith('Namespace ') && String(labelsOf(before, name)) === String(labelsOf(after, name)))
    );
  };
  return Object.entries(before.answers)
    .filter(([key, was]) => isOurs(was) && stillAsks(key))
    .filter(([key]) => after.answers[key]?.kind === 'none')
    .map(([key, was]) => `${key}: a new pod was ${sayAnswer(was)}, and comes without a sidecar now`);
}

function injectionGained(judged: Case): string[] {
  return changedAnswers(judged)
    .filter(
      ([key, was, is]) =>
        was.kind === 'none' &&
        is.kind === 'injected' &&
        judged.begin.answers[key]?.kind !== 'injected' &&
        !isWaitingForInjector(judged, key),
    )
    .map(([key, , is]) => `${key}: a new pod had no sidecar, and gets ${sayAnswer(is)} now`);
}

/** Somebody took the injector away and made the namespace after that: with its injector back it gets what it asks for. */
function isWaitingForInjector({ othersSinceBegin, begin, before }: Case, key: string): boolean {
  const name = namespaceOf(key);
  return (
    othersSinceBegin.mesh &&
    begin.namespaces[name] === undefined &&
    CHOICE.some((label) => before.namespaces[name]?.labels[label] !== undefined)
  );
}

function originalsLost({ begin, after, said, othersSinceBegin, act }: Case): string[] {
  if (said?.outputs.state === 'completed' || act.inputs['remove-old'] === 'true' || othersSinceBegin.mesh)
    return [];
  return Object.entries(begin.namespaces).flatMap(([name, { labels: was, annotations }]) => {
    const is = after.namespaces[name];
    if (is === undefined || othersSinceBegin.namespaces.has(name)) return [];
    if (CHOICE.every((key) => was[key] === is.labels[key])) return [];
    const kept = parsed(is.annotations[ORIGINALS]);
    // A label that an earlier move has left there was never theirs: what that one kept, stays kept (200001:846).
    const earlier = parsed(annotations[ORIGINALS]);
    const wanted = (key: string): string | undefined =>
      was[key] === is.labels[key] && key in earlier ? (earlier[key] ?? undefined) : was[key];
    return CHOICE.every((key) => (kept[key] ?? undefined) === wanted(key))
      ? []
      : [
          `Namespace ${name}: its labels were ${choiceOf(was)}, and what is kept is ${is.annotations[ORIGINALS] ?? 'nothing'}`,
        ];
  });
}

function choiceOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(CHOICE.map((key) => [key, labels[key] ?? null])));
}

function parsed(text: string | undefined): Record<string, string | null> {
  try {
    return JSON.parse(text ?? '{}') as Record<string, string | null>;
  } catch {
    return {};
  }
}

/** What a control plane that has proxies is set to is not taken from it without a word. */
function settingLost({ act, said, before, after, others }: Case): string[] {
  if (said === undefined || others.any || act.during !== undefined || act.run === 'rollback') return [];
  const used = new Set(before.pods.filter(({ home }) => home === ISTIO).map(({ revision }) => revision));
  return [...used].flatMap((revision) => {
    const name = `ConfigMap ${ISTIO}/istio${revision === 'default' ? '' : `-${revision}`}`;
    const [was, is] = [settingsIn(before.snapshot[name]), settingsIn(after.snapshot[name])];
    const versionIn = ({ planes }: Look): string | undefined =>
      planes.find((plane) => plane.home === ISTIO && plane.revision === revision)?.version;
    // What another release makes of the same settings is compared by the phases themselves.
    const isSame = versionIn(before) === versionIn(after);
    if (was === undefined || is === undefined || !isSame) return [];
    return Object.entries(was)
      .filter(([key, value]) => !isDeepStrictEqual(is[key], value))
      .filter(([key]) => !isToldOf(said, key, act))
      .map(([key]) => `${name}: ${key} of its mesh configuration has gone or changed, and nothing tells it`);
  });
}

/** By its name in a finding, or beforehand by who acknowledges it. */
function isToldOf({ findings }: Verdict, key: string, { inputs }: RunAct): boolean {
  return JSON.stringify(findings).includes(key) || (inputs.acknowledge ?? '').includes(key);
}

function settingsIn(object: unknown): Record<string, unknown> | undefined {
  const { mesh } = (object as { data?: { mesh?: string } } | undefined)?.data ?? {};
  return mesh === undefined ? undefined : (parse(mesh) as Record<string, unknown>);
}

function removedInUse({ before, after, requests }: Case): string[] {
  const gone = before.planes.filter((plane) => !after.planes.some((other) => samePlane(plane, other)));
  return gone
    .filter(() =>
      requests.some(
        ({ method, persisted, path }) => method === 'DELETE' && persisted && path.includes('/deployments/'),
      ),
    )
    .flatMap(({ home, revision }) =>
      after.pods
        .filter(
          (pod) =>
            pod.home === home &&
            (pod.revision === revision ||
              pod.connected === revision ||
              (pod.connected === undefined && pod.revision === '')),
        )
        .map(({ owner }) => `the control plane ${revision} was removed, and a pod of ${owner} uses it`),
    );
}
