import type { Act, ActorAct, Disturbance, RunAct } from './acts.ts';
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

/** The story of a seed with that index; `only` restricts the features, and has at least one of them. */
export function storyOf(seed: number, index: number, only: readonly FeatureName[] = []): Story {
  const chance = chanceOf(seed, index);
  const form: Form = chance.happens(0.5) ? '1-30-3' : 'default';
  const mesh: Mesh = { form, features: featuresOf(chance, only) };
  const engine = index % DIST_EVERY === DIST_EVERY - 1 ? 'dist' : 'sources';
  return { seed, index, engine, ...mesh, acts: actsOf(mesh, chance) };
}

function featuresOf(chance: Chance, only: readonly FeatureName[]): FeatureName[] {
  if (only.length > 0)
    return compatible([...new Set([chance.choose(only), ...only.filter(() => chance.happens(0.3))])]);
  const left = playable();
  // Many at once hide each other: what one has refused, the next one is never asked about.
  const count = chance.choose([0, 1, 1, 1, 2, 2, 3, 4]);
  return compatible(Array.from({ length: count }, () => left.splice(chance.below(left.length), 1)[0]!));
}

/** The first of those that are about the same object. */
function compatible(names: readonly FeatureName[]): FeatureName[] {
  return names.filter((name, index) => {
    const { about } = featureOf(name);
    return about === undefined || names.findIndex((other) => featureOf(other).about === about) === index;
  });
}

function actsOf(mesh: Mesh, chance: Chance): Act[] {
  const acts: Act[] = [];
  const disturbed = chance.happens(0.45);
  const acted = chance.happens(0.45);
  const inputs = canaryInputs(mesh, chance);
  for (const run of phasesOf(chance)) {
    const act: RunAct = { run, inputs: run === 'canary' ? inputs : inputsOf(run, inputs, chance) };
    if (run !== 'precheck' && chance.happens(0.4)) acts.push({ run: 'precheck', inputs: asked(inputs) });
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

type Inputs = Readonly<Record<string, string>>;

const asked = (inputs: Inputs): Record<string, string> => ({ ...inputs });

/** Mostly the order that is meant, and now and then any. */
function phasesOf(chance: Chance): RunAct['run'][] {
  return chance.choose<RunAct['run'][]>([
    ['canary'],
    ['canary', 'rollback'],
    ['canary', 'promote'],
    ['canary', 'promote', 'rollback'],
    ['canary', 'promote', 'promote'],
    ['canary', 'promote', 'promote', 'canary'],
    ['canary', 'canary', 'promote', 'rollback'],
    ['canary', 'rollback', 'canary', 'promote'],
    ['promote', 'canary', 'rollback'],
    ['rollback', 'canary', 'promote'],
    Array.from({ length: 3 }, () => chance.choose(['precheck', 'canary', 'promote', 'rollback'] as const)),
  ]);
}

function canaryInputs({ form, features }: Mesh, chance: Chance): Record<string, string> {
  const homes = objectsOf({ form, features })
    .filter(({ kind }) => kind === 'Namespace')
    .map(({ metadata }) => metadata.name);
  return {
    'canary-namespaces': chance.choose([
      'first',
      'first',
      'team=a',
      Object.entries(ownLabels(form)).map(([key, value]) => `${key}=${value}`)[0]!,
      `first,${chance.choose(homes)}`,
      homes.at(-1)!,
    ]),
    ...(features.includes('canary-tag') && chance.happens(0.7) ? { 'canary-tag': CANARY_TAG } : {}),
    ...(chance.happens(0.1) ? { set: chance.choose(SETTINGS) } : {}),
    ...(chance.happens(0.1) ? { revision: 'next' } : {}),
    ...stragglers(features, chance),
  };
}

/** What is installed differs: by a value, a resource, or the number of replicas. */
const SETTINGS = [
  'values.pilot.env.STORY=yes',
  'components.pilot.k8s.replicaCount=2',
  'meshConfig.accessLogFile=/dev/stdout',
  'values.pilot.env.STORY=yes\nmeshConfig.enableTracing=true',
] as const;

/** Features whose pods this Action can't or may not replace, by what names them. */
const STRAGGLERS: Partial<Record<FeatureName, string>> = {
  'on-delete': 'ondelete/odd',
  paused: 'Deployment paused/odd',
  partition: 'StatefulSet partition/odd',
  'bare-pod': 'bare/*',
  'bare-pod-in-canary': 'Pod first/alone',
  job: 'jobs/*',
};

/** Mostly somebody accepts what is refused otherwise: else no such mesh would come any further. */
function stragglers(features: readonly FeatureName[], chance: Chance): Record<string, string> {
  const names = features.flatMap((name) => STRAGGLERS[name] ?? []);
  return names.length > 0 && chance.happens(0.75) ? { 'allow-stragglers': names.join('\n') } : {};
}

function inputsOf(run: RunAct['run'], canary: Inputs, chance: Chance): Record<string, string> {
  const { 'allow-stragglers': accepted } = canary;
  const accepts = accepted === undefined ? {} : { 'allow-stragglers': accepted };
  if (run === 'promote')
    return { ...accepts, ...removal(chance), ...(chance.happens(0.1) ? { 'stable-tags': 'next' } : {}) };
  if (run === 'rollback') {
    if (chance.happens(0.15)) return { version: TO.version };
    if (chance.happens(0.1)) return { version: FROM.version };
  }
  return run === 'precheck' ? { 'canary-namespaces': 'first', ...accepts } : {};
}

/** Without a time it is refused for a day; with one it is done in the run that promotes, or in the next. */
function removal(chance: Chance): Record<string, string> {
  if (!chance.happens(0.4)) return {};
  return { 'remove-old': 'true', ...(chance.happens(0.85) ? { 'remove-old-after': '0s' } : {}) };
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
  const workloads = objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
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
  ])();
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
