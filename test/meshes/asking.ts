import type { RunAct } from './acts.ts';
import type { Asked } from './feature.ts';
import { CANARY_TAG, type FeatureName, FROM, TO, featureOf, ownLabels } from './features.ts';
import type { Chance } from './random.ts';
import { type Mesh, objectsOf, settingsFrom } from './world.ts';

/** Inputs of a phase, by their names in action.yml. */
export type Inputs = Readonly<Record<string, string>>;

/** Whether a run is of an upgrade in place. */
export function isInPlace({ strategy }: Inputs): boolean {
  return strategy === 'in-place';
}

/** What a later phase of the same upgrade is given of what its canary was. */
export function carried({ strategy, set }: Inputs): Inputs {
  return { ...(strategy === undefined ? {} : { strategy }), ...(set === undefined ? {} : { set }) };
}

/** What canary and precheck are given. */
export function canaryInputs({ form, features }: Mesh, inPlace: boolean, chance: Chance): Inputs {
  const homes = objectsOf({ form, features })
    .filter(({ kind }) => kind === 'Namespace')
    .map(({ metadata }) => metadata.name);
  const asked = askedOf(features, chance);
  const set = settingsFrom([
    ...asked.flatMap((one) => one.set ?? []),
    ...(chance.happens(0.1) ? chance.choose(SETTINGS) : []),
  ]);
  return {
    ...(inPlace ? { strategy: 'in-place' } : {}),
    'canary-namespaces': chance.choose([
      'first',
      'first',
      'team=a',
      Object.entries(ownLabels(form)).map(([key, value]) => `${key}=${value}`)[0]!,
      `first,${chance.choose(homes)}`,
      homes.at(-1)!,
    ]),
    ...(set.length > 0 ? { set: set.join('\n') } : {}),
    ...(inPlace ? acknowledged(asked) : besideOnly(features, asked, chance)),
    ...stragglers(features, chance),
  };
}

/** How somebody who knows the mesh asks; now and then nobody thinks of it. */
function askedOf(features: readonly FeatureName[], chance: Chance): Asked[] {
  return features.flatMap((name) => {
    const { asked = [] } = featureOf(name);
    return asked.length === 0 || chance.happens(0.15) ? [] : [chance.choose(asked)];
  });
}

function acknowledged(asked: readonly Asked[]): Inputs {
  const keys = asked.flatMap(({ acknowledge = [] }) => acknowledge);
  return keys.length === 0 ? {} : { acknowledge: keys.join('\n') };
}

/** Inputs that an upgrade in place does not take. */
function besideOnly(features: readonly FeatureName[], asked: readonly Asked[], chance: Chance): Inputs {
  const along = (name: 'gateways' | 'cni'): Inputs =>
    asked.some((one) => one[name] !== undefined) ? { [name]: 'with-install' } : {};
  return {
    ...along('gateways'),
    ...along('cni'),
    ...(features.includes('canary-tag') && chance.happens(0.7) ? { 'canary-tag': CANARY_TAG } : {}),
    ...(chance.happens(0.07) ? { revision: 'next' } : {}),
  };
}

/** What is installed differs: by a value, a resource, or the number of replicas. */
const SETTINGS = [
  ['values.pilot.env.STORY=yes'],
  ['values.pilot.autoscaleMin=2'],
  ['meshConfig.accessLogFile=/dev/stdout'],
  ['values.pilot.env.STORY=yes', 'meshConfig.enableTracing=true'],
] as const;

/** The same inputs with other settings, or none. */
export function otherwiseSet(inputs: Inputs, chance: Chance): Inputs {
  const others = Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== 'set'));
  return chance.happens(0.6) ? others : { ...others, set: chance.choose(SETTINGS).join('\n') };
}

/** Features whose pods this Action can't or may not replace, by what names them. */
const STRAGGLERS: Partial<Record<FeatureName, string>> = {
  'on-delete': 'ondelete/odd',
  paused: 'Deployment paused/odd',
  partition: 'StatefulSet partition/odd',
  'bare-pod': 'bare/*',
  'bare-pod-in-canary': 'Pod first/alone',
  job: 'jobs/*',
  'gone-revision': 'longago/*',
};

/** Mostly somebody accepts what is refused otherwise: else no such mesh would come any further. */
function stragglers(features: readonly FeatureName[], chance: Chance): Inputs {
  const names = features.flatMap((name) => STRAGGLERS[name] ?? []);
  return names.length > 0 && chance.happens(0.75) ? { 'allow-stragglers': names.join('\n') } : {};
}

/** What another phase than canary is given; who has files gives them to each phase, or forgets it once. */
export function inputsOf(run: RunAct['run'], canary: Inputs, chance: Chance): Inputs {
  const { 'allow-stragglers': accepted } = canary;
  const { set, ...strategy } = carried(canary);
  const always = {
    ...strategy,
    ...(set === undefined || chance.happens(0.15) ? {} : { set }),
    ...(accepted === undefined || run === 'rollback' ? {} : { 'allow-stragglers': accepted }),
  };
  if (run === 'promote') return isInPlace(canary) ? always : { ...always, ...promotion(chance) };
  if (run === 'rollback') {
    if (chance.happens(0.15)) return { ...always, version: TO.version };
    if (chance.happens(0.1)) return { ...always, version: FROM.version };
  }
  return run === 'precheck' ? { ...always, 'canary-namespaces': 'first' } : always;
}

function promotion(chance: Chance): Inputs {
  const tag = chance.choose(['next', 'next', 'prod']);
  const tags = chance.happens(0.25) ? { 'stable-tags': tag, 'adopt-tags': 'true' } : {};
  return { ...removal(chance), ...(chance.happens(0.1) ? { 'stable-tags': 'next' } : {}), ...tags };
}

/** Without a time it is refused for a day; with one it is done in the run that promotes, or in the next. */
function removal(chance: Chance): Inputs {
  if (!chance.happens(0.4)) return {};
  return { 'remove-old': 'true', ...(chance.happens(0.85) ? { 'remove-old-after': '0s' } : {}) };
}
