import type { Finding } from '../finding.ts';
import { hideShapes } from '../redact.ts';
import type { Settings } from './settings.ts';

/** The same configuration, three times. */
export interface Weighed {
  /** As it is on the cluster. */
  readonly live: Settings;
  /** What the given configuration makes with the istioctl of the release that runs. */
  readonly known: Settings;
  /** What it makes with the istioctl of the release to come. */
  readonly coming: Settings;
}

/**
 * Configuration that is live and that the given one does not have (H52): nothing remembers what a mesh was installed
 * with, and installing over it takes it back without a word. An error each, unless it is acknowledged by its key.
 */
export function configurationLost(
  { live, known, coming }: Weighed,
  acknowledged: readonly string[],
): Finding[] {
  const keys = [...new Set([...live.keys(), ...known.keys(), ...coming.keys()])].sort();
  return keys.flatMap((key): Finding[] => {
    const [is, would] = [live.get(key), coming.get(key)];
    // What the release itself changes is no loss; see `defaultsChanged`.
    if (is === known.get(key) || is === would || isOfLeftOut(key, coming)) return [];
    const accepted = acknowledged.includes(key);
    return [
      {
        id: 'configuration-would-be-lost',
        severity: accepted ? 'warning' : 'error',
        object: key,
        message: `it is ${shown(key, is)} on the cluster, and config and set make it ${shown(key, would)}`,
        remedy: `Give the files and set lines that the mesh was installed with (inputs config and set). Or let it go: acknowledge: ${key}`,
      },
    ];
  });
}

/** A gateway that is not made at all is told as a whole, and not port by port. */
function isOfLeftOut(key: string, coming: Settings): boolean {
  const [, gateway] = /^(gateways\..+\.ports\.)[^.]+$/.exec(key) ?? [];
  return gateway !== undefined && ![...coming.keys()].some((other) => other.startsWith(gateway));
}

/** Defaults of the profile that changed between the two releases, as the documents of an upgrade promise to show (H53). */
export function defaultsChanged({ live, known, coming }: Weighed): Finding[] {
  const keys = [...new Set([...known.keys(), ...coming.keys()])].sort();
  return keys
    .filter((key) => known.get(key) !== coming.get(key) && live.get(key) === known.get(key))
    .map((key) => ({
      id: 'profile-default-changed',
      severity: 'info',
      object: key,
      message: `the release changes it from ${shown(key, known.get(key))} to ${shown(key, coming.get(key))}`,
    }));
}

/** So much of a value is shown. */
const SHOWN = 60;
const SECRET_KEY = /(pass|secret|token|credential|key|auth|dsn)/i;

/** An environment may hold anything; what has a secret's name, or the form of one, is not shown (promise 10). */
function shown(key: string, value: string | undefined): string {
  if (value === undefined) return 'not set';
  if (value === '') return 'empty';
  if (SECRET_KEY.test(key) || key.startsWith('env.') || key.startsWith('args.'))
    return 'set to something else';
  if (value.length > SHOWN || value.includes('\n')) return 'a longer text';
  return JSON.stringify(hideShapes(value));
}
