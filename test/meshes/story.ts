import type { Act, ActorAct, Disturbance, RunAct } from './acts.ts';
import { type Inputs, canaryInputs, inputsOf, isInPlace, otherwiseSet } from './asking.ts';
import {
  CANARY_TAG,
  type FeatureName,
  type Form,
  FROM,
  TO,
  featureOf,
  ownLabels,
  playable,
} from './features.ts';
import type { Chance } from './random.ts';
import { chanceOf } from './random.ts';
import { SHARED_FEATURES } from './shared-features.ts';
import { type Mesh, objectsOf } from './world.ts';

/** A mesh, and what happens to it: plain data. */
export interface Story extends Mesh {
  readonly seed: number;
  readonly index: number;
  /** The engine: the sources in this process, or the built Action. */
  readonly engine: 'sources' | 'dist';
  readonly acts: readonly Act[];
}

/** Every so many stories the built Action plays. */
const DIST_EVERY = 10;

/** So many stories are of an upgrade in place, and so many features are of what revisions share. */
const IN_PLACE = 0.3;
const SHARED = 0.4;
/** In place such a mesh is refused: that is soon seen. */
const BESIDE_ONLY_IN_PLACE = 0.1;

/** The story of a seed with that index; `only` restricts the features, and has at least one of them. */
export function storyOf(seed: number, index: number, only: readonly FeatureName[] = []): Story {
  const chance = chanceOf(seed, index);
  const inPlace = chance.happens(IN_PLACE);
  const form: Form = !inPlace && chance.happens(0.6) ? '1-30-3' : 'default';
  const mesh: Mesh = { form, features: featuresOf(chance, only, inPlace) };
  const engine = index % DIST_EVERY === DIST_EVERY - 1 ? 'dist' : 'sources';
  return { seed, index, engine, ...mesh, acts: actsOf(mesh, inPlace, chance) };
}

function featuresOf(chance: Chance, only: readonly FeatureName[], inPlace: boolean): FeatureName[] {
  if (only.length > 0)
    return compatible([...new Set([chance.choose(only), ...only.filter(() => chance.happens(0.3))])]);
  const apart = inPlace && !chance.happens(BESIDE_ONLY_IN_PLACE);
  const all = playable().filter((name) => !apart || featureOf(name).besideOnly !== true);
  const shared = all.filter((name) => name in SHARED_FEATURES);
  // Many at once hide each other: what one has refused, the next one is never asked about.
  const count = chance.choose([0, 1, 1, 1, 2, 2, 3, 4]);
  const drawn = Array.from({ length: count }, () => chance.choose(chance.happens(SHARED) ? shared : all));
  return compatible([...new Set(drawn)]);
}

/** The first of those that are about the same object. */
function compatible(names: readonly FeatureName[]): FeatureName[] {
  return names.filter((name, index) => {
    const { about } = featureOf(name);
    return about === undefined || names.findIndex((other) => featureOf(other).about === about) === index;
  });
}

function actsOf(mesh: Mesh, inPlace: boolean, chance: Chance): Act[] {
  const acts: Act[] = [];
  const disturbed = chance.happens(0.45);
  const acted = chance.happens(0.45);
  let inputs = canaryInputs(mesh, inPlace, chance);
  for (const { run, down } of inPlace ? phasesInPlace(chance) : phasesOf(chance)) {
    // The canary is widened by a next one, or begun anew with others.
    const isAgain = run === 'canary' && acts.some((act) => 'run' in act && act.run === run);
    if (isAgain && chance.happens(0.4))
      inputs = {
        ...inputs,
        'canary-namespaces': canaryInputs(mesh, inPlace, chance)['canary-namespaces'] ?? '',
      };
    // Somebody forgets what was set, or sets something else.
    if (isAgain && chance.happens(0.25)) inputs = otherwiseSet(inputs, chance);
    const wanted = down === true ? { ...inputs, ...DOWN } : inputs;
    const act: RunAct = { run, inputs: run === 'canary' ? wanted : inputsOf(run, inputs, chance) };
    if (run !== 'precheck' && chance.happens(0.4)) acts.push({ run: 'precheck', inputs: { ...wanted } });
    if (run !== 'precheck' && chance.happens(0.08))
      acts.push({ ...act, inputs: { ...act.inputs, 'dry-run': 'true' } });
    if (disturbed && run !== 'precheck' && chance.happens(0.5)) {
      const during = disturbanceOf(mesh, chance, acted);
      acts.push({ ...act, during });
      // Who was killed comes again, mostly.
      if (chance.happens(0.7)) acts.push(act);
    } else acts.push(act);
    if (acted && chance.happens(0.45)) acts.push(actorOf(mesh, chance));
  }
  return acts;
}

/** A phase of a story. */
interface Turn {
  readonly run: RunAct['run'];
  /** A canary that goes down on purpose. */
  readonly down?: true;
}

const DOWN: Inputs = { version: FROM.version, 'allow-downgrade': 'true' };

const turns = (...runs: readonly (RunAct['run'] | 'down')[]): Turn[] =>
  runs.map((run) => (run === 'down' ? { run: 'canary', down: true } : { run }));

const anyTurns = (chance: Chance): Turn[] =>
  turns(
    ...Array.from({ length: 3 }, () => chance.choose(['precheck', 'canary', 'promote', 'rollback'] as const)),
  );

/** Mostly the order that is meant, and now and then any. */
function phasesOf(chance: Chance): Turn[] {
  return chance.choose([
    turns('canary'),
    turns('canary', 'rollback'),
    turns('canary', 'promote'),
    turns('canary', 'promote', 'rollback'),
    turns('canary', 'canary', 'promote'),
    turns('canary', 'promote', 'promote'),
    turns('canary', 'promote', 'promote', 'canary'),
    turns('canary', 'canary', 'promote', 'rollback'),
    turns('canary', 'promote', 'rollback', 'rollback'),
    turns('canary', 'rollback', 'canary', 'promote'),
    turns('promote', 'canary', 'rollback'),
    turns('rollback', 'canary', 'promote'),
    anyTurns(chance),
  ]);
}

/** Up, back, and down on purpose. */
function phasesInPlace(chance: Chance): Turn[] {
  return chance.choose([
    turns('canary', 'rollback'),
    turns('canary', 'promote'),
    turns('canary', 'promote', 'rollback'),
    turns('canary', 'canary', 'promote', 'rollback'),
    turns('canary', 'rollback', 'canary', 'promote'),
    turns('canary', 'promote', 'down'),
    turns('canary', 'promote', 'down', 'promote'),
    turns('canary', 'promote', 'down', 'rollback'),
    turns('canary', 'promote', 'down', 'promote', 'rollback'),
    turns('canary', 'rollback', 'rollback'),
    turns('canary', 'promote', 'down', 'rollback', 'rollback'),
    turns('down', 'canary', 'promote'),
    anyTurns(chance),
  ]);
}

function disturbanceOf(mesh: Mesh, chance: Chance, acted: boolean): Disturbance {
  const by =
    acted && chance.happens(0.6)
      ? actorOf(mesh, chance)
      : chance.choose(['kill', 'kill', 'cancel', 'lost', 'nothing'] as const);
  const stale = by === 'nothing' || chance.happens(0.15);
  return {
    write: chance.happens(0.1) ? 0 : 1 + chance.below(chance.choose([4, 12, 30])),
    when: chance.choose(['before', 'after'] as const),
    by,
    ...(stale ? { stale: true as const } : {}),
  };
}

function actorOf({ form, features }: Mesh, chance: Chance): ActorAct {
  const objects = objectsOf({ form, features });
  const homes = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const workloads = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet').map(refOf);
  // Its template says how the cluster is to play it.
  const broken = workloads.filter((ref) =>
    objects.some((object) => ref === refOf(object) && JSON.stringify(object).includes('"testbed/')),
  );
  const home = chance.choose(homes);
  const suffix = form === 'default' ? '' : `-${form}`;
  return chance.choose<() => ActorAct>([
    () => ({
      actor: 'label',
      namespace: home,
      key: 'istio.io/rev',
      value: chance.choose([TO.revision, form, null]),
    }),
    () => ({
      actor: 'label',
      namespace: home,
      key: 'istio-injection',
      value: chance.choose(['enabled', 'disabled', null]),
    }),
    () => ({ actor: 'create-namespace', namespace: 'newborn', labels: { 'istio.io/rev': TO.revision } }),
    () => ({ actor: 'create-namespace', namespace: 'newborn', labels: ownLabels(form) }),
    () => ({ actor: 'create-namespace', namespace: 'newborn', labels: { 'istio-injection': 'enabled' } }),
    () => ({ actor: 'git', namespace: home }),
    () => ({ actor: 'git', namespace: home }),
    () => ({ actor: 'scale', object: chance.choose(workloads), to: chance.choose([0, 2, 3]) }),
    () => ({ actor: 'scale', object: `Deployment istio-system/istiod${suffix}`, to: 0 }),
    () => ({ actor: 'scale', object: `Deployment istio-system/istiod-${TO.revision}`, to: 0 }),
    () => ({ actor: 'drain', namespace: home }),
    () => ({ actor: 'delete', object: chance.choose(workloads) }),
    () => ({ actor: 'hang', namespace: home }),
    () => ({ actor: 'delete', object: `MutatingWebhookConfiguration istio-sidecar-injector-${TO.revision}` }),
    () => ({ actor: 'delete', object: 'MutatingWebhookConfiguration istio-revision-tag-default' }),
    () => ({ actor: 'delete', object: 'ConfigMap istio-system/istio-upgrade' }),
    () => ({ actor: 'record', with: null }),
    () => ({ actor: 'record', with: 'swapped' }),
    () => ({ actor: 'record', with: { removing: chance.choose<unknown>([5, ['x']]) } }),
    () => ({ actor: 'record', with: { intent: chance.choose(['canary', 'promote', 'rollback', 'remove']) } }),
    () => ({
      actor: 'annotate',
      namespace: home,
      originals: chance.choose(['yes', '{"istio.io/rev":"long-gone"}', null]),
    }),
    () => ({ actor: 'lease', does: chance.choose(['steal', 'hold', 'year'] as const) }),
    () => ({ actor: 'istioctl', version: FROM.version, args: ['uninstall', '-y', '--revision', form] }),
    () => ({ actor: 'istioctl', version: TO.version, args: ['uninstall', '-y', '--revision', TO.revision] }),
    () => ({
      actor: 'istioctl',
      version: FROM.version,
      args: ['tag', 'set', 'default', '--overwrite', '-y', '--revision', form],
    }),
    () => ({
      actor: 'istioctl',
      version: FROM.version,
      args: ['tag', 'set', chance.choose(TAGS), '--overwrite', '-y', '--revision', form],
    }),
    () => ({
      actor: 'istioctl',
      version: TO.version,
      args: ['tag', 'set', chance.choose(TAGS), '--overwrite', '-y', '--revision', TO.revision],
    }),
    () => ({
      actor: 'istioctl',
      version: FROM.version,
      args: ['tag', 'remove', '-y', chance.choose(TAGS)],
    }),
    () => ({ actor: 'break', object: chance.choose(workloads) }),
    () => ({ actor: 'heal', object: chance.choose(broken.length > 0 ? broken : workloads) }),
    () => ({ actor: 'heal', object: chance.choose(broken.length > 0 ? broken : workloads) }),
    () => ({ actor: 'hold', object: chance.choose(workloads) }),
    () => ({ actor: 'hold', object: chance.choose(workloads) }),
    () => ({ actor: 'release', object: chance.choose(workloads) }),
    () => ({ actor: 'undo', object: chance.choose(workloads) }),
    () => ({ actor: 'restart', object: chance.choose(workloads) }),
  ])();
}

function refOf({ kind, metadata }: ReturnType<typeof objectsOf>[number]): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Tags that meshes have, and one that none has. */
const TAGS = ['prod', CANARY_TAG, 'pinned', 'spare', 'next'] as const;

/** Counts what is in a story, for the ledger. */
export function ingredientsOf({ form, engine, features, acts }: Story): string[] {
  return [
    ...new Set([
      `form:${form}`,
      `engine:${engine}`,
      ...features.map((name) => `feature:${name}`),
      ...acts.flatMap((act) => ('run' in act ? askedFor(act.inputs) : [])),
      ...acts.flatMap((act) =>
        'run' in act
          ? [
              `phase:${act.run}`,
              ...(act.during === undefined
                ? []
                : [
                    typeof act.during.by === 'string'
                      ? `strike:${act.during.by}`
                      : `strike:${act.during.by.actor}`,
                    ...(act.during.stale === true ? ['strike:stale-list'] : []),
                  ]),
            ]
          : [`actor:${act.actor}`],
      ),
    ]),
  ];
}

/** What is asked for beside phases and namespaces. */
function askedFor(inputs: Inputs): string[] {
  const { gateways, cni } = inputs;
  return [
    `strategy:${isInPlace(inputs) ? 'in-place' : 'revision'}`,
    ...(gateways === undefined ? [] : [`asked:gateways ${gateways}`]),
    ...(cni === undefined ? [] : [`asked:cni ${cni}`]),
    ...['adopt-tags', 'allow-downgrade', 'acknowledge', 'remove-old']
      .filter((name) => inputs[name] !== undefined)
      .map((name) => `asked:${name}`),
  ];
}
