import { availableParallelism, loadavg } from 'node:os';
import { type ActorAct, type RunAct, keepsSides, titleOf, touchesRecord } from './acts.ts';
import { happen } from './actors.ts';
import { carried, isInPlace } from './asking.ts';
import { type Engine, type Said, built, inProcess } from './engine.ts';
import { TO } from './features.ts';
import { type Gate, startGate } from './gate.ts';
import { planesIn, proxiesIn } from './in-place-rules.ts';
import { type Case, REACHED, type Touched, type Violation, differing, judge, rememberedIn } from './judge.ts';
import { type Look, homeOf, look } from './look.ts';
import { Watching } from './moments.ts';
import type { Story } from './story.ts';
import { World, actsOf } from './world.ts';

/** A rule that was broken, and by which act. */
export interface Found extends Violation {
  /** Index of the act; the number of acts for what comes after them. */
  readonly at: number;
}

/** How an act ended: whether somebody found something to do, or what a run said of itself. */
export type Ended =
  | { readonly done: boolean }
  | {
      readonly outcome: string;
      readonly state: string;
      /** Ids of its errors, in order, each once. */
      readonly errors: readonly string[];
      /** It waited for nothing, and was told that its time was over. */
      readonly waited: boolean;
    };

/** What came of a story. */
export interface Told {
  /** How its acts ended, one after the other. */
  readonly ends: readonly Ended[];
  readonly found: readonly Found[];
  /** A line for each act, for people. */
  readonly lines: readonly string[];
  /** How it stood after the last act of the story. */
  readonly end: End | undefined;
}

/** A goal that was reached, and what the cluster was like then. */
interface End {
  readonly state: string;
  /** From where to where. */
  readonly upgrade: string;
  readonly look: Look;
}

/** So many looks in a row at a cluster in which nothing happens, and the run waits for nothing. */
const PATIENCE = { every: 100, sources: 70, dist: 200 } as const;
/** A run that is told to end has so long. */
const END_MS = 30_000;
/** A few times anybody asks for the same before a step begins. */
const POLLS = 7;
/** What ends a run before its time. */
const STOPS = ['kill', 'cancel', 'lost'] as const;
/** States in which an upgrade may stay: only then is there something to be equal to. */
const AT_REST = ['none', 'canary', 'promoted', 'completed', 'rolled-back'];
const STUCK = ['failed', 'refused', 'inconclusive'];
const UNDER_WAY = ['canarying', 'canary', 'promoting', 'promoted', 'rolling-back'];

/**
 * Plays a story to its end, whatever is found on the way. One in which runs were only stopped is played again without that:
 * the same goal must be the same, whichever way led there.
 */
export async function play(story: Story): Promise<Told> {
  const told = await playOnce(story);
  const twin = undisturbed(story);
  if (twin === undefined || told.end === undefined || told.found.length > 0) return told;
  const other = await playOnce(twin);
  // Undisturbed it may have come to another state, or to the same of another upgrade: that is another goal.
  if (other.end?.state !== told.end.state || other.end.upgrade !== told.end.upgrade) return told;
  const found = differing(withoutChance(other.end.look.snapshot), withoutChance(told.end.look.snapshot)).map(
    (text) => ({
      rule: 'ends-not-equal',
      text: `${told.end?.state ?? ''}, but otherwise than undisturbed: ${text}`,
      at: story.acts.length,
    }),
  );
  return {
    ...told,
    found,
    lines: [...told.lines, ...found.map(({ rule, text }) => `   ✘ ${rule}: ${text}`)],
  };
}

/** Two clusters give other names to the volumes of their claims, and other uids to owners. */
function withoutChance(snapshot: Look['snapshot']): Look['snapshot'] {
  return Object.fromEntries(
    Object.entries(snapshot).map(([key, object]) => {
      const { metadata, spec, ...rest } = object as { metadata: Owned; spec?: object };
      const ownerReferences = metadata.ownerReferences?.map((owner) => ({ ...owner, uid: undefined }));
      const volume = key.startsWith('PersistentVolumeClaim ') ? { volumeName: undefined } : {};
      return [
        key,
        {
          ...rest,
          metadata: { ...metadata, ownerReferences },
          ...(spec === undefined ? {} : { spec: { ...spec, ...volume } }),
        },
      ];
    }),
  );
}

interface Owned {
  readonly ownerReferences?: readonly object[];
}

/**
 * The same without what befell the runs; undefined where nothing did, or others acted too, or where a run that was stopped
 * was to move tags and was not asked for that again: undisturbed it would have moved them, which is another goal.
 */
export function undisturbed(story: Story): Story | undefined {
  const runs = story.acts.filter((act) => 'run' in act);
  const stopped = runs.some(isStopped);
  if (
    !stopped ||
    runs.length < story.acts.length ||
    runs.some(({ during }) => typeof during?.by === 'object') ||
    runs.some((run, index) => movesTags(run) && !isAskedAgain(run, runs.slice(index)))
  )
    return undefined;
  const acts = runs.map(({ run, inputs }) => ({ run, inputs }));
  return {
    ...story,
    acts: acts.filter((act, index) => JSON.stringify(act) !== JSON.stringify(acts[index - 1])),
  };
}

function isStopped({ during }: RunAct): boolean {
  return STOPS.some((stop) => stop === during?.by);
}

function movesTags({ inputs }: RunAct): boolean {
  return inputs['stable-tags'] !== undefined;
}

/** Whether it or one of those after it goes through to its end and moves the same tags. */
function isAskedAgain({ inputs }: RunAct, later: readonly RunAct[]): boolean {
  return later.some((one) => !isStopped(one) && one.inputs['stable-tags'] === inputs['stable-tags']);
}

async function playOnce(story: Story): Promise<Told> {
  let world: World;
  try {
    world = await World.start(story);
  } catch (error) {
    throw new Error(
      `seed ${String(story.seed)}:${String(story.index)}: the mesh can't be had: ${text(error)}`,
      { cause: error },
    );
  }
  const gate = startGate(world.cluster.kubeconfig('admin'));
  try {
    const player = new Player(story, world, gate);
    await player.all();
    const { found, lines, end, ends } = player;
    return { found, lines, end, ends };
  } finally {
    gate.close();
    await world.close();
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface Ran {
  /** Undefined where it was killed. */
  readonly said: Said | undefined;
  /** It waited while nothing happened, and was ended for it. */
  readonly waited: boolean;
}

class Player {
  readonly found: Found[] = [];
  readonly lines: string[] = [];
  readonly ends: Ended[] = [];
  end: End | undefined;
  readonly #story: Story;
  readonly #world: World;
  readonly #gate: Gate;
  readonly #unwell = new Set<string>();
  /** Those of them that somebody broke since this upgrade began: it can't know that they will not get well again. */
  readonly #broken = new Set<string>();
  /** Those that somebody holds: they replace no pod until he lets them. */
  readonly #held = new Set<string>();
  #begin: Look | undefined;
  /** The version of an upgrade in place that is complete, and can be rolled back. */
  #completed: string | undefined;
  /** The version that the last canary that wrote something goes to. */
  #begun: string | undefined;
  #now: Look | undefined;
  #acted: ActorAct[] = [];
  /** Keys of configuration were acknowledged as lost since this upgrade began. */
  #gaveUp = false;
  #last: { act: RunAct; said: Said | undefined; disturbed: boolean } | undefined;
  /** Where in the audit log somebody has acted during the run. */
  #actedAt: number | undefined;
  /** Nobody has acted since the last run. */
  #calm = true;

  constructor(story: Story, world: World, gate: Gate) {
    this.#story = story;
    this.#world = world;
    this.#gate = gate;
  }

  async all(): Promise<void> {
    this.#now = await look(this.#world);
    this.#begin = this.#now;
    for (const { owner, ready, synced } of this.#now.pods) if (!ready || !synced) this.#unwell.add(owner);
    for (const { ref, desired, ready } of this.#now.workloads) if (ready < desired) this.#unwell.add(ref);
    for (const act of actsOf(this.#story)) await happen(act, this.#world);
    await this.#world.quiet();
    this.#now = await look(this.#world);
    this.#begin = this.#now;
    for (const [index, act] of this.#story.acts.entries()) {
      if ('run' in act) await this.#run(act, index);
      else {
        const done = await happen(act, this.#world);
        this.ends.push({ done });
        if (act.actor === 'break') this.#breaks(act.object);
        this.#holds(act);
        if (done) this.#acted.push(act);
        this.#calm &&= !done;
        await this.#world.quiet();
        this.#now = await look(this.#world);
        if (act.actor === 'heal') this.#mends(act.object, this.#now);
        this.lines.push(`${String(index + 1)}. ${titleOf(act)}${done ? '' : ' (nothing to do)'}`);
      }
    }
    const said = this.#last?.said;
    const { state = '', 'from-version': from = '', 'to-version': to = '' } = said?.outputs ?? {};
    // Who says no state has seen no goal, and a precheck may succeed half-way.
    if (said !== undefined && REACHED.includes(said.outcome) && this.#calm && AT_REST.includes(state))
      this.end = { state, upgrade: `${from} to ${to}`, look: this.#now };
    // Somebody else's lock runs out; how long that takes has tests of its own.
    await happen({ actor: 'lease', does: 'free' }, this.#world);
    await this.#onwards();
    await this.#back();
  }

  async #run(act: RunAct, index: number): Promise<Said | undefined> {
    const before = this.#now!;
    const startedAt = performance.now();
    const mark = this.#world.cluster.audit.mark();
    const acted: ActorAct[] = [];
    const { holds: held } = this.#world.holder;
    const watching = new Watching(this.#world);
    this.#actedAt = undefined;
    const { said, waited } = await this.#through(act, acted);
    const took = Math.round(performance.now() - startedAt);
    await this.#world.quiet();
    const moments = watching.stop();
    const after = await look(this.#world);
    this.#now = after;
    const requests = this.#world.cluster.audit
      .since(mark)
      .filter(
        ({ userAgent }) => userAgent !== 'scenario-suite' && !acted.some((one) => one.actor === 'istioctl'),
      );
    if (this.#beginsAnew(act, rememberedIn(requests), before)) this.#begins(before);
    this.#gaveUp ||= act.run === 'canary' && act.inputs.acknowledge !== undefined;
    // The run that held it is over, as if its 30 s were, too: they have tests of their own.
    await happen({ actor: 'lease', does: 'free' }, this.#world);
    for (const one of acted) {
      if (one.actor === 'break') this.#breaks(one.object);
      this.#holds(one);
    }
    this.#acted.push(...acted);
    const judged: Case = {
      act,
      said,
      begin: this.#begin!,
      before,
      after,
      requests,
      sawOthers: act.during?.stale !== true && this.#sawOthers(),
      moments,
      gaveUp: this.#gaveUp,
      forgotten: this.#isForgotten(),
      misled: this.#isMisled(act),
      others: touched(acted),
      othersSinceBegin: touched(this.#acted),
      held,
      unwell: this.#unwell,
    };
    const violations = judge(judged);
    // Who was lied to may wait for what he was told, and the next run gets on; who was in no step was only slow.
    if (
      waited &&
      wasInStep(said) &&
      act.during?.stale !== true &&
      act.during?.by !== 'lost' &&
      !touched(this.#acted).mesh &&
      !this.#waitsForSomething(after)
    )
      violations.push({
        rule: 'waits-for-nothing',
        text: `${act.run} waits, and nothing happens: ${lastStep(said)}`,
      });
    violations.push(...this.#promise(act, said, waited));
    this.found.push(...violations.map((violation) => ({ ...violation, at: index })));
    this.lines.push(
      `${String(index + 1)}. ${titleOf(act)} → ${said === undefined ? 'killed' : `${said.outcome || 'no outcome'} state=${said.outputs.state ?? ''} next=${said.outputs['next-phase'] ?? ''}${waited ? ' (ended while it waited)' : ''} (${String(took)} ms): ${errorsOf(said)}`}`,
      ...violations.map(({ rule, text: what }) => `   ✘ ${rule}: ${what}`),
    );
    this.ends.push({
      outcome: said?.outcome ?? '',
      state: said?.outputs.state ?? '',
      errors: [...new Set(idsOfErrors(said))],
      waited,
    });
    this.#last = { act, said, disturbed: act.during !== undefined };
    this.#calm = true;
    if (isInPlace(act.inputs) && said?.outputs.state === 'completed')
      this.#completed = said.outputs['to-version'];
    // Whoever was refused, or only told what he would do, has ended nothing: what somebody else took away is still what it
    // began with.
    const isIdle = said === undefined || STUCK.includes(said.outcome) || act.inputs['dry-run'] === 'true';
    if (!isIdle && ended(act).includes(said.outputs.state ?? '')) this.#begins(after);
    return said;
  }

  /**
   * In place there is a way back from what is completed, until an upgrade to another version has written something. The same
   * of one whose record somebody took or changed: nothing else knows of it, which that upgrade was told. Nor was it seen to
   * be complete where its last run was killed: then the proxies tell.
   */
  #beginsAnew({ run, inputs }: RunAct, wrote: boolean, before: Look): boolean {
    const { version = TO.version } = inputs;
    if (run !== 'canary' || !wrote) return false;
    const forgotten = isInPlace(inputs) && this.#isForgotten() ? this.#begun : undefined;
    const through = isInPlace(inputs) && isThrough(before, this.#begun) ? this.#begun : undefined;
    const earlier = this.#completed ?? forgotten ?? through;
    this.#begun = version;
    if (earlier === undefined || earlier === version) return false;
    this.#completed = undefined;
    return true;
  }

  #sawOthers(): boolean {
    if (this.#actedAt === undefined) return false;
    return this.#world.cluster.audit
      .since(this.#actedAt)
      .some(
        ({ method, path, userAgent }) =>
          method === 'GET' &&
          userAgent === 'istio-upgrade' &&
          path.includes('/mutatingwebhookconfigurations'),
      );
  }

  /** Another upgrade: what was before it, nobody is blamed for. */
  #begins(from: Look): void {
    this.#begin = from;
    this.#acted = [];
    this.#broken.clear();
    this.#gaveUp = false;
  }

  #breaks(object: string): void {
    this.#unwell.add(object);
    this.#broken.add(object);
  }

  #holds(act: ActorAct): void {
    if (act.actor === 'hold') this.#held.add(act.object);
    if (act.actor === 'release') this.#held.delete(act.object);
  }

  /** What is well again has no excuse any more. */
  #mends(object: string, { pods, workloads }: Look): void {
    const isWell =
      workloads.every(({ ref, desired, ready }) => ref !== object || ready >= desired) &&
      pods.every(({ owner, ready, synced }) => owner !== object || (ready && synced));
    if (!isWell) return;
    this.#unwell.delete(object);
    this.#broken.delete(object);
  }

  #isMisled({ run, inputs }: RunAct): boolean {
    const { version } = inputs;
    return (
      run === 'rollback' &&
      isInPlace(inputs) &&
      this.#isForgotten() &&
      version !== undefined &&
      this.#begun !== undefined &&
      version !== this.#begun
    );
  }

  /**
   * A workload that was well when the upgrade began is not, or is rolled by somebody: it may yet get ready. Which were not
   * well only the record knows.
   */
  #waitsForSomething(after: Look): boolean {
    const wasWell = (ref: string): boolean =>
      !this.#unwell.has(ref) || this.#broken.has(ref) || this.#isForgotten();
    return (
      after.workloads.some(
        ({ ref, desired, ready, old }) =>
          (ready < desired || (old > 0 && !this.#held.has(ref))) && wasWell(ref),
      ) || after.pods.some(({ owner, ready, synced }) => (!ready || !synced) && wasWell(owner))
    );
  }

  /** Precheck was green, and nobody has acted since: then the phase does not fail. */
  #promise(act: RunAct, said: Said | undefined, waited: boolean): Violation[] {
    const last = this.#last;
    const asked = act.run === 'canary' && last?.act.run === 'precheck' && last.said?.outcome === 'succeeded';
    const { 'dry-run': dryRun, ...inputs } = act.inputs;
    const same = asked && JSON.stringify(inputs) === JSON.stringify(last.act.inputs);
    if (!same || !this.#calm || act.during !== undefined || said === undefined || dryRun !== undefined)
      return [];
    if (['succeeded', 'no-changes'].includes(said.outcome)) return [];
    // Precheck has told that it is promote's turn, from a state in which no canary begins.
    const tellsOther = last.said?.outputs['next-phase'] !== 'canary';
    if (tellsOther && idsOfErrors(said).every((id) => id === 'wrong-state')) return [];
    // It has told what the phase waits for.
    if (waited && last.said?.findings.some(({ id }) => id === 'workload-not-ready') === true) return [];
    // Whether a template gets ready under the new revision is what a canary is for.
    if (this.#story.features.includes('breaks-on-target')) return [];
    return [
      {
        rule: 'precheck-promise',
        text: `precheck was green, and ${act.run} ${waited ? 'never ended' : `ended ${said.outcome}`}: ${errorsOf(said)}`,
      },
    ];
  }

  async #through(act: RunAct, acted: ActorAct[]): Promise<Ran> {
    const engine: Engine = this.#story.engine === 'dist' ? built : inProcess;
    const killed = Promise.withResolvers<'killed'>();
    const { during } = act;
    const kubeconfig = await this.#gate.arm(
      during === undefined
        ? undefined
        : {
            ...during,
            work: async () => {
              const { by } = during;
              if (by === 'kill') {
                this.#gate.kill();
                running.forget();
                killed.resolve('killed');
              } else if (by === 'cancel') running.cancel();
              else if (by === 'lost') this.#gate.kill();
              else if (by !== 'nothing' && (await happen(by, this.#world))) {
                acted.push(by);
                this.#actedAt = this.#world.cluster.audit.mark();
              }
            },
          },
    );
    const running = engine(act, this.#world, kubeconfig);
    let over = false;
    const watching = this.#watch(() => over);
    const first = await Promise.race([running.ended.catch(threw), killed.promise, watching]);
    over = true;
    if (first === 'killed') return { said: undefined, waited: false };
    if (first !== 'waits') return { said: first, waited: false };
    running.timeUp();
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, END_MS, undefined).unref());
    const said = await Promise.race([running.ended.catch(threw), late]);
    if (said === undefined) {
      this.#gate.kill();
      running.forget();
    }
    return { said, waited: true };
  }

  /**
   * Whether nothing changes any more while a run goes on. A machine that is busy makes it slow; what waits asks the same
   * again and again, or for nothing at all.
   */
  async #watch(over: () => boolean): Promise<'waits'> {
    const patience = PATIENCE[this.#story.engine] * slowness();
    let seen = this.#world.version();
    this.#gate.calm();
    for (let same = 0; ;) {
      await new Promise((resolve) => setTimeout(resolve, PATIENCE.every));
      if (over()) return 'waits';
      const now = this.#world.version();
      same = now === seen ? same + 1 : 0;
      if (same === 0) this.#gate.calm();
      seen = now;
      if (same >= patience && this.#gate.polled >= POLLS) return 'waits';
      if (same >= patience * 2 && this.#gate.requests === 0) return 'waits';
      if (same >= patience * 20) return 'waits';
    }
  }

  /** What a run that did not succeed names as the next phase must get on. */
  async #onwards(): Promise<void> {
    const said = this.#last?.said;
    const next = said?.outputs['next-phase'] ?? '';
    if (said === undefined || next === '' || !this.#calm || !STUCK.includes(said.outcome)) return;
    const asked = this.#canaryInputs();
    const inputs = next === 'canary' || next === 'precheck' ? asked : carried(asked);
    const ended = await this.#run({ run: next as RunAct['run'], inputs }, this.#story.acts.length);
    if (ended !== undefined && STUCK.includes(ended.outcome))
      this.#find(
        'next-phase-leads-nowhere',
        `${said.outcome} said next-phase=${next}, and that ended ${ended.outcome}: ${errorsOf(ended)}`,
      );
  }

  /** Who was refused, or found nothing to do, has given an upgrade nothing, and is asked again only where there is no other. */
  #canaryInputs(): Readonly<Record<string, string>> {
    const canaries = this.#story.acts.filter((act): act is RunAct => 'run' in act && act.run === 'canary');
    const canary = this.#begunBy().at(-1) ?? canaries.at(-1);
    return canary?.inputs ?? { 'canary-namespaces': 'first' };
  }

  /** From wherever it stands there is a way back, while nobody has touched what all depends on. */
  async #back(): Promise<void> {
    const state = this.#last?.said?.outputs.state ?? '';
    const killed =
      this.#last !== undefined &&
      this.#last.said === undefined &&
      this.#last.act.inputs['remove-old'] !== 'true';
    if (!(UNDER_WAY.includes(state) || killed) || touched(this.#acted).mesh) return;
    const asked = this.#canaryInputs();
    const inputs = { ...carried(asked), ...(killed || this.#isForgotten() ? this.#target() : {}) };
    const first = await this.#run({ run: 'rollback', inputs }, this.#story.acts.length);
    const again = (await this.#healed(first, inputs)) ?? first;
    const said = (await this.#heed(again, inputs)) ?? again;
    if (said === undefined || ['rolled-back', 'no-changes'].includes(said.outcome)) return;
    // Killed before its first write, it has nothing to take back.
    if (killed && said.outcome === 'refused') return;
    // What was broken before is known by the record alone: without it, it is waited for, and then named.
    if (this.#isForgotten() && this.#waited() && this.#waitsForSomething(this.#now!)) return;
    // Somebody chose the target for a namespace: it stays there, the target with it, and both are told.
    const { namespaces } = touched(this.#acted);
    if (said.findings.some(({ id, object }) => id === 'still-in-use' && namespaces.has(nameIn(object))))
      return;
    this.#find(
      'no-way-back',
      `from ${state || 'where it was killed'} rollback ended ${said.outcome}: ${errorsOf(said)}`,
    );
  }

  /** Whether the last run waited while nothing happened. */
  #waited(): boolean {
    const end = this.ends.at(-1);
    return end !== undefined && 'waited' in end && end.waited;
  }

  /** What somebody broke never gets ready, whichever side it is on, and what he holds does not move: once he has mended it, rollback has to get on. */
  async #healed(said: Said | undefined, inputs: RunAct['inputs']): Promise<Said | undefined> {
    // The built Action hears that its time is over as a signal, and says that it was cancelled.
    const isStuck = said !== undefined && [...STUCK, 'cancelled'].includes(said.outcome);
    if (!isStuck || this.#broken.size + this.#held.size === 0) return undefined;
    // Broken or held before the upgrade began, it is now not as it was then: that is not the rollback's doing.
    const mended: ActorAct[] = [
      ...[...this.#broken].map((object) => ({ actor: 'heal', object }) as const),
      ...[...this.#held].map((object) => ({ actor: 'release', object }) as const),
    ];
    for (const act of mended) await happen(act, this.#world);
    this.#acted.push(...mended);
    await this.#world.quiet();
    this.#now = await look(this.#world);
    this.lines.push(`   mended: ${[...this.#broken, ...this.#held].join(', ')}`);
    return this.#run({ run: 'rollback', inputs }, this.#story.acts.length);
  }

  /**
   * Where a rollback says what is in its way and what to do about it, that is done, and again as long as it says something
   * new: then it has to get on.
   */
  async #heed(said: Said | undefined, inputs: RunAct['inputs']): Promise<Said | undefined> {
    const done = new Set<string>();
    const accepted: string[] = [];
    let more: RunAct['inputs'] = {};
    let last: Said | undefined;
    for (let told = said; told !== undefined && STUCK.includes(told.outcome); told = last) {
      const { acts, stragglers, acknowledges, allowsDowngrade } = heeded(told);
      // Only who asked for a downgrade knows that it was one, once its record is lost.
      const isDowngrade = allowsDowngrade && this.#canaryInputs()['allow-downgrade'] === 'true';
      const advice = [
        ...acts.map(titleOf),
        ...stragglers,
        ...acknowledges,
        ...(isDowngrade ? ['allow-downgrade'] : []),
      ];
      if (advice.every((one) => done.has(one))) return last;
      advice.forEach((one) => done.add(one));
      for (const act of acts) {
        if (await happen(act, this.#world)) this.#acted.push(act);
        this.lines.push(`   as it says: ${titleOf(act)}`);
      }
      await this.#world.quiet();
      this.#now = await look(this.#world);
      accepted.push(...stragglers);
      more = {
        ...more,
        ...(accepted.length === 0 ? {} : { 'allow-stragglers': accepted.join('\n') }),
        ...(acknowledges.length === 0 ? {} : { acknowledge: acknowledges.join('\n') }),
        ...(isDowngrade ? { 'allow-downgrade': 'true' } : {}),
        ...(this.#isForgotten() ? this.#target() : {}),
      };
      last = await this.#run({ run: 'rollback', inputs: { ...inputs, ...more } }, this.#story.acts.length);
    }
    return last;
  }

  /** The version that is given up. */
  #target(): RunAct['inputs'] {
    return { version: this.#begunBy().at(-1)?.inputs.version ?? TO.version };
  }

  /** The canaries that did something. */
  #begunBy(): RunAct[] {
    return this.#story.acts.filter((act, at): act is RunAct => {
      const end = this.ends[at];
      return (
        'run' in act &&
        act.run === 'canary' &&
        !(end !== undefined && 'outcome' in end && ['refused', 'no-changes'].includes(end.outcome))
      );
    });
  }

  /** Somebody took or changed the record: then the way back is told which version is given up. */
  #isForgotten(): boolean {
    return this.#acted.some(touchesRecord);
  }

  #find(rule: string, what: string): void {
    this.found.push({ rule, text: what, at: this.#story.acts.length });
    this.lines.push(`   ✘ ${rule}: ${what}`);
  }
}

/** In place: the control plane is of this version, and every proxy is. */
function isThrough(seen: Look, version: string | undefined): boolean {
  return [...planesIn(seen), ...proxiesIn(seen)].every((one) => one.version === version);
}

/** States after which an upgrade is over for good. */
function ended({ inputs }: RunAct): string[] {
  return isInPlace(inputs) ? ['rolled-back'] : ['completed', 'rolled-back'];
}

function threw(error: unknown): Said {
  return {
    outcome: 'failed',
    outputs: {},
    headline: text(error),
    next: '',
    findings: [{ id: 'unexpected-error', severity: 'error', message: text(error) }],
    steps: [],
  };
}

/** A machine that others use, too, makes everything slower. */
function slowness(): number {
  return Math.min(Math.max((loadavg()[0] ?? 0) / availableParallelism(), 1), 4);
}

/** Killed for it, it says nothing; else a step was under way when its time was over. */
function wasInStep(said: Said | undefined): boolean {
  return said === undefined || said.steps.some((step) => /: (failed|running|cancelled)$/.test(step));
}

/** A rollback in place can be let go on by it. */
const NEWER_PROXIES = 'proxies-newer-than-control-plane';

/** What the errors of a run say is to be done: commands, and what may be accepted to stay behind. */
export function heeded({ findings }: Pick<Said, 'findings'>): {
  readonly acts: readonly ActorAct[];
  readonly stragglers: readonly string[];
  /** What it says may be acknowledged, and is of use to a rollback. */
  readonly acknowledges: readonly string[];
  readonly allowsDowngrade: boolean;
} {
  const remedies = findings.flatMap(({ severity, remedy }) =>
    severity === 'error' && remedy !== undefined ? [remedy] : [],
  );
  return {
    acts: remedies.flatMap((remedy) => [
      ...labelsGiven(remedy),
      ...recordDeleted(remedy),
      ...podsDeleted(remedy),
    ]),
    stragglers: remedies.flatMap((remedy) => /allow-stragglers: (\S+)/.exec(remedy)?.[1] ?? []),
    acknowledges: remedies.some((remedy) => remedy.includes(`acknowledge: ${NEWER_PROXIES}`))
      ? [NEWER_PROXIES]
      : [],
    allowsDowngrade: remedies.some((remedy) => remedy.includes('give allow-downgrade: true')),
  };
}

function labelsGiven(remedy: string): ActorAct[] {
  const [, namespace = '', labels = ''] =
    /`kubectl label namespace (\S+) (.+?) --overwrite`/.exec(remedy) ?? [];
  return labels
    .split(' ')
    .filter((label) => label !== '')
    .map((label): ActorAct => {
      const [key = '', value] = label.split('=');
      return value === undefined
        ? { actor: 'label', namespace, key: key.replace(/-$/, ''), value: null }
        : { actor: 'label', namespace, key, value };
    });
}

function recordDeleted(remedy: string): ActorAct[] {
  return remedy.includes('`kubectl delete configmap istio-upgrade -n istio-system`')
    ? [{ actor: 'record', with: null }]
    : [];
}

function podsDeleted(remedy: string): ActorAct[] {
  const [, pods = '', namespace = ''] = /kubectl delete pod (.+?) -n (\S+?):/.exec(remedy) ?? [];
  return pods
    .split(' ')
    .filter((pod) => pod !== '')
    .map((pod) => ({ actor: 'delete', object: `Pod ${namespace}/${pod}` }));
}

function lastStep(said: Said | undefined): string {
  return said?.steps.find((step) => /: (failed|running|cancelled|not-run)$/.test(step)) ?? errorsOf(said);
}

function idsOfErrors(said: Said | undefined): string[] {
  return (said?.findings ?? []).filter(({ severity }) => severity === 'error').map(({ id }) => id);
}

function errorsOf(said: Said | undefined): string {
  const errors = (said?.findings ?? []).filter(({ severity }) => severity === 'error');
  return (
    errors
      .map(
        ({ id, object, message }) =>
          `${id}${object === undefined ? '' : ` ${object}`} (${message.slice(0, 120)})`,
      )
      .slice(0, 3)
      .join('; ') || (said?.headline ?? '').slice(0, 160)
  );
}

/** What acts have changed beside the Action's own memory. */
export function touched(acts: readonly ActorAct[]): Touched {
  const homes = acts.flatMap((act) => {
    if (keepsSides(act)) return [];
    if ('namespace' in act) return [act.namespace];
    if ('manifest' in act) return [act.manifest.metadata.namespace ?? ''];
    return 'object' in act ? [homeOf(act.object)] : [];
  });
  const memory = (act: ActorAct): boolean => act.actor === 'lease' || touchesRecord(act);
  return {
    namespaces: new Set(homes),
    mesh: acts.some(
      (act) =>
        !memory(act) &&
        (act.actor === 'istioctl' ||
          ('manifest' in act && ['istio-system', ''].includes(act.manifest.metadata.namespace ?? '')) ||
          ('object' in act && ['istio-system', ''].includes(homeOf(act.object)))),
    ),
    any: acts.some((act) => !memory(act)),
  };
}

function nameIn(object = ''): string {
  return object.startsWith('Namespace ') ? object.slice('Namespace '.length) : homeOf(object);
}
