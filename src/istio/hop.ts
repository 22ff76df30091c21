import satisfies from 'semver/functions/satisfies.js';
import type { Finding } from '../finding.ts';
import { checkSupported } from './dialect.ts';
import { hopRuleOf } from './hop-rules.ts';
import { type Version, compareVersions, isAtLeast, minorOf } from './version.ts';

/** A pair of versions that needs a word although the distance is legal. */
interface Exception {
  /** Ranges of semver's; a pre-release counts as its release. */
  readonly from: string;
  readonly to: string;
  readonly finding: Finding;
}

/** Known pairs (H39). */
const EXCEPTIONS: readonly Exception[] = [
  {
    from: '<1.29.2',
    to: '>=1.29.2',
    finding: {
      id: 'old-proxies-reject-listeners',
      severity: 'info',
      message:
        'Proxies older than 1.29.2 may reject HBONE listeners of a newer istiod (istio/istio#60486). In a canary upgrade they stay with their own istiod, so this matters only for what is pointed at the new one without a restart.',
      remedy: 'Restart what moves to the new control plane; do not point running proxies at it.',
    },
  },
];

/** Whether a canary upgrade may go from one version to the other in one step. Errors say what the next step may be. */
export function checkHop(from: Version, to: Version): Finding[] {
  const tooOld = [
    ...checkSupported('current', from, 'revision'),
    ...checkSupported('target', to, 'revision'),
  ];
  const distance = checkDistance(from, to);
  // From a version that is too old no step is legal: the first one is by hand, and told.
  if (tooOld.length > 0) return [...tooOld, ...distance.filter(({ id }) => id !== 'hop-too-far')];
  return [...distance, ...checkOld(from, to)];
}

/** Releases whose documents describe this Action, and which nobody maintains any more: their real programs were not run. */
const REHEARSE_BELOW = '1.24';

/** A word on releases that nobody has upgraded with their real programs here. */
export function checkOld(from: Version, to: Version): Finding[] {
  const old = [from, to].filter((version) => !isAtLeast(version, REHEARSE_BELOW));
  if (old.length === 0) return [];
  return [
    {
      id: 'old-version',
      severity: 'warning',
      message: `Istio ${old.map(minorOf).join(' and ')}: upgrades of releases before ${REHEARSE_BELOW} were played with a stand-in for istioctl and istiod, made after Istio's code, and never with the real ones.`,
      remedy: 'Rehearse the upgrade on a test cluster of these very versions first, rollback included.',
    },
  ];
}

function checkDistance(from: Version, to: Version): Finding[] {
  if (compareVersions(to, from) <= 0) return [notNewer(from, to)];
  if (to.major !== from.major) return [newMajor(from, to)];
  const { canary } = hopRuleOf(to);
  if (to.minor - from.minor > canary) return [tooFar(from, to, canary)];
  return [
    ...checkPrerelease(to),
    ...EXCEPTIONS.filter((exception) => applies(exception, from, to)).map(toFinding),
  ];
}

function applies({ from, to }: Exception, current: Version, target: Version): boolean {
  const options = { includePrerelease: true };
  return satisfies(current.release, from, options) && satisfies(target.release, to, options);
}

function toFinding({ finding }: Exception): Finding {
  return finding;
}

function notNewer(from: Version, to: Version): Finding {
  const same = compareVersions(to, from) === 0;
  return {
    id: 'target-not-newer',
    severity: 'error',
    message: `The target ${to.text} is ${same ? 'the version that runs already' : `older than the current ${from.text}`}.`,
    remedy: same
      ? 'Give a newer version, or nothing needs to be done.'
      : 'To go back from an upgrade use the phase rollback; an upgrade only goes up.',
  };
}

function newMajor(from: Version, to: Version): Finding {
  return {
    id: 'hop-to-other-major',
    severity: 'error',
    message: `From ${from.text} to ${to.text} the major version changes; no documented canary upgrade does that.`,
    remedy: 'Read the release notes of that version, and of this Action for a release that knows it.',
  };
}

/** The farthest minor release on the way to a target that one upgrade may go to: each goes by the rule of its own. */
function nextStep(from: Version, to: Version): string {
  let step = to.minor;
  while (step > from.minor + 1 && step - from.minor > hopRuleOf({ ...to, minor: step }).canary) step -= 1;
  return `${from.major}.${step}`;
}

/** H43. */
function tooFar(from: Version, to: Version, most: number): Finding {
  const next = nextStep(from, to);
  return {
    id: 'hop-too-far',
    severity: 'error',
    message: `From ${minorOf(from)} to ${minorOf(to)} are ${to.minor - from.minor} minor releases; a canary upgrade may go up ${most}.`,
    remedy: `Upgrade to the latest patch of ${next} first, then to ${minorOf(to)}.`,
  };
}

/** Istio supports no pre-release in production, whichever way leads to it. */
export function checkPrerelease(to: Version): Finding[] {
  if (!to.prerelease) return [];
  return [
    {
      id: 'target-is-prerelease',
      severity: 'warning',
      message: `The target ${to.text} is a pre-release, which Istio does not support in production.`,
      remedy: 'Use it on a test cluster, or wait for the release.',
    },
  ];
}
