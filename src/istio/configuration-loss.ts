import type { Finding } from '../finding.ts';
import {
  type Difference,
  type Told,
  differing,
  isOfObject,
  isWithin,
  withinLimits,
} from './setting-differences.ts';
import { shownSetting } from './setting-shown.ts';
import type { LiveSettings, Settings } from './settings.ts';

/** The same configuration, as it is and as it would be. */
export interface Weighed {
  /** As it is on the cluster. */
  readonly live: LiveSettings;
  /** What the given configuration makes with the istioctl of the release that is left. */
  readonly leaving: Settings;
  /** What it makes with the istioctl of the release to come. */
  readonly coming: Settings;
  /** What else the given configuration makes on the way: the older proxy that is given out while proxies are held back. */
  readonly between?: Settings;
  /** Names of gateways that are told as a whole by another finding, and not setting by setting. */
  readonly told?: readonly string[];
}

/** Whether a key, or what it is a part of, was named in the input `acknowledge`. */
export function isAcknowledged(key: string, acknowledged: readonly string[]): boolean {
  return acknowledged.some((one) => isWithin(key, one));
}

/**
 * Configuration that is live and that the given one does not have (H52): nothing remembers what a mesh was installed
 * with, and installing over it takes it back without a word. An error each, unless it is acknowledged by its key or by
 * that of what it is a part of. An object that would only come is a warning: nothing is lost by it.
 *
 * @param tell in how many lines: many of one object as one, or each by its own key
 */
export function configurationLost(
  weighed: Weighed,
  acknowledged: readonly string[],
  tell: (lost: readonly Difference[]) => Told[] = withinLimits,
): Finding[] {
  const severityOf = (lost: Difference): Finding['severity'] =>
    isAcknowledged(lost.key, acknowledged) || comes(lost) ? 'warning' : 'error';
  const all = lostSettings(weighed);
  return (['error', 'warning'] as const).flatMap((severity) =>
    tell(all.filter((lost) => severityOf(lost) === severity)).map(({ key, differences, more }) => ({
      id: 'configuration-would-be-lost',
      severity,
      object: key,
      message: `${saidOf(key, differences)}${more}`,
      remedy:
        differences.every(comes) && more === ''
          ? 'Nothing, if it is meant to come: nothing is lost by it.'
          : 'Give the files and set lines that the mesh was installed with (inputs config and set). Or let it go: name it in acknowledge, a line each.',
    })),
  );
}

/**
 * The same beside a control plane that stays: what it has and the canary's rendering lacks. A warning each, as nothing is
 * written over, and as the canary is there to be tried.
 */
export function canaryLacks(weighed: Weighed): Finding[] {
  const lacking = lostSettings(weighed).filter(({ is }) => is !== undefined);
  return withinLimits(lacking).map(({ key, differences, more }) => ({
    id: 'canary-lacks-configuration',
    severity: 'warning',
    object: key,
    message: `${isObject(differences[0]?.key ?? '') ? 'the control plane that runs has it, and config and set make none for the canary' : `of the control plane that runs: ${saidOf(key, differences)}`}${more}`,
    remedy:
      'Give the files and set lines that it was installed with (inputs config and set), if the canary is to be like it.',
  }));
}

/** Settings that are live, that an installation takes away or changes, and that the release itself does not change. */
export function lostSettings({ live, leaving, coming, between, told = [] }: Weighed): Difference[] {
  const explained = [leaving, ...(between === undefined ? [] : [between])];
  return differing(live, coming)
    .filter(({ key, is }) => !explained.some((settings) => settings.get(key) === is))
    .filter(({ key }) => !told.some((name) => isOf(name, key)))
    .map(whole(live.whole, coming));
}

/**
 * Whether the given configuration is the one that is installed: by the release that is left, by the one to come, on the way
 * between them, or in part by the one and in part by the other, where an installation died half-way.
 */
export function isInstalled(weighed: Weighed): boolean {
  return lostSettings({ ...weighed, told: [] }).length === 0;
}

/** Defaults of the profile that changed between the two releases, as the documents of an upgrade promise to show (H53). */
export function defaultsChanged({ live, leaving, coming }: Weighed): Finding[] {
  const changed = differing({ applied: leaving, whole: leaving }, coming)
    .filter(({ key, is }) => live.whole.get(key) === is)
    .map(whole(leaving, coming));
  return withinLimits(changed).map(({ key, differences, more }) => ({
    id: 'profile-default-changed',
    severity: 'info',
    object: key,
    message: `${changeOf(key, differences)}${more}`,
  }));
}

/** Whether it is an object that would only come. */
export function comes({ key, is }: Difference): boolean {
  return is === undefined && isObject(key);
}

/** Whether a key is of a gateway's objects: istioctl names them all by it. */
function isOf(gateway: string, key: string): boolean {
  const name = /^[A-Za-z]+\/(?:[^:/]+\/)?([^:/]+)/.exec(key)?.[1];
  return name === gateway || name === `${gateway}-sds` || name === `${gateway}-service-account`;
}

/** Of what is missing altogether the whole is told: an object, or an item of a list. */
function whole(one: Settings, other: Settings): (difference: Difference) => Difference {
  return (difference) => {
    const { key, is, would } = difference;
    if (is !== undefined && would !== undefined) return difference;
    const without = [...(is === undefined ? one : other).keys()];
    const parts = [...key.matchAll(/:|\](?=[.[])/g)].map(({ 0: end, index }) =>
      key.slice(0, index + (end === ':' ? 0 : 1)),
    );
    const top = parts.find((part) => !without.some((known) => isWithin(known, part)));
    return top === undefined ? difference : { ...difference, key: top };
  };
}

/**
 * Says it of what is told as one.
 *
 * @param given the inputs that make the configuration
 */
export function saidOf(key: string, differences: readonly Difference[], given = 'config and set'): string {
  const [first, ...others] = differences;
  if (first === undefined) return '';
  if (others.length > 0)
    return `${String(differences.length)} settings of it would change: ${listed(key, differences)}`;
  if (comes(first)) return `it is not on the cluster, and ${given} make it`;
  if (isObject(first.key))
    return `it is on the cluster, and ${given} do not make it: it stays behind, or is deleted`;
  return `it is ${shownSetting(first.setting, first.is)} on the cluster, and ${given} make it ${shownSetting(first.setting, first.would)}`;
}

function changeOf(key: string, differences: readonly Difference[]): string {
  const [first, ...others] = differences;
  if (first === undefined) return '';
  if (others.length > 0)
    return `the release changes ${String(differences.length)} settings of it: ${listed(key, differences)}`;
  if (isObject(first.key))
    return first.is === undefined ? 'the release adds it' : 'the release does not have it: it stays as it is';
  return `the release changes it from ${shownSetting(first.setting, first.is)} to ${shownSetting(first.setting, first.would)}`;
}

/** Whether a key is of an object as a whole. */
export function isObject(key: string): boolean {
  return isOfObject(key) && !key.includes(':');
}

/** So many settings of one object are told one by one. */
const LISTED = 3;

function listed(key: string, differences: readonly Difference[]): string {
  const shown = differences
    .slice(0, LISTED)
    .map(
      (one) =>
        `${one.key.slice(key.length + 1)} from ${shownSetting(one.setting, one.is)} to ${shownSetting(one.setting, one.would)}`,
    );
  const more = differences.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${String(more)} more` : ''}`;
}
