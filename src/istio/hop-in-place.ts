import type { Finding } from '../finding.ts';
import { OLDEST_SUPPORTED, checkSupported } from './dialect.ts';
import { checkOld, checkPrerelease } from './hop.ts';
import { canHoldProxies } from './held-proxy.ts';
import { hopRuleOf } from './hop-rules.ts';
import { type Version, compareVersions, minorOf, parseVersion } from './version.ts';

/**
 * Whether the only control plane may go from one version to the other in one step. istioctl itself checks nothing of it
 * (T01): `upgrade` is `install` under another name.
 *
 * @param allowDowngrade whether the target may be older than what runs
 */
export function checkHopInPlace(from: Version, to: Version, allowDowngrade: boolean): Finding[] {
  const tooOld = [...supported('current', from), ...supported('target', to)];
  return [
    ...tooOld,
    ...checkDistance(from, to, allowDowngrade),
    ...(tooOld.length === 0 ? checkOld(from, to) : []),
  ];
}

/** In place the way to an old release is another one than beside it. */
function supported(role: 'current' | 'target', version: Version): Finding[] {
  const oldest = OLDEST_SUPPORTED['in-place'];
  return checkSupported(role, version, 'in-place').map((finding) => ({
    ...finding,
    // Before there was istiod: pilot, galley, citadel and the injector, each with a Deployment of its own.
    remedy:
      role === 'current'
        ? `Upgrade to ${oldest} by hand first, one minor release at a time, as the documents of its release say.`
        : `Give a version from ${oldest} on; further down only by hand, one minor release at a time.`,
  }));
}

function checkDistance(from: Version, to: Version, allowDowngrade: boolean): Finding[] {
  const order = compareVersions(to, from);
  if (order === 0) return [sameVersion(to)];
  if (to.major !== from.major) return [otherMajor(from, to)];
  if (order < 0 && !allowDowngrade) return [older(from, to)];
  const minors = Math.abs(to.minor - from.minor);
  if (minors > hopRuleOf(to).inPlace) return [tooFar(from, to, order)];
  if (order < 0 && !canHoldProxies({ from: { version: from.text }, to: { version: to.text } }))
    return [proxiesNotHeld(from, to)];
  return [
    ...checkPrerelease(to),
    ...(minors === 0 ? [patchHop(from, to)] : []),
    ...rejectsListeners(from, to),
  ];
}

/** On purpose it goes in waves, which only proxies that go first allow; a rollback can go at once. */
function proxiesNotHeld(from: Version, to: Version): Finding {
  return {
    id: 'downgrade-not-in-order',
    severity: 'error',
    message: `From ${minorOf(from)} down to ${minorOf(to)} proxies can't go before their istiod: its injection template is not for proxies of ${minorOf(to)}, which are told by arguments where istiod is.`,
    remedy: `An upgrade from ${minorOf(to)} is undone by the phase rollback. To go down on purpose, do it by hand as the documents of ${minorOf(from)} say: install with the istioctl of ${to.text}, then restart all that has a sidecar.`,
  };
}

function sameVersion({ text }: Version): Finding {
  return {
    id: 'target-not-newer',
    severity: 'error',
    message: `The target ${text} is the version that runs already.`,
    remedy: 'Give a newer version, or nothing needs to be done.',
  };
}

function older(from: Version, to: Version): Finding {
  return {
    id: 'target-not-newer',
    severity: 'error',
    message: `The target ${to.text} is older than the current ${from.text}.`,
    remedy:
      'To go back from an upgrade use the phase rollback. To go down on purpose, give allow-downgrade: true.',
  };
}

function otherMajor(from: Version, to: Version): Finding {
  return {
    id: 'hop-to-other-major',
    severity: 'error',
    message: `From ${from.text} to ${to.text} the major version changes; no documented upgrade in place does that.`,
    remedy: 'Read the release notes of that version, and of this Action for a release that knows it.',
  };
}

function tooFar(from: Version, to: Version, order: number): Finding {
  const next = `${String(from.major)}.${String(from.minor + Math.sign(order))}`;
  return {
    id: 'hop-too-far',
    severity: 'error',
    message: `From ${minorOf(from)} to ${minorOf(to)} are ${String(Math.abs(to.minor - from.minor))} minor releases; in place one is the most, up or down.`,
    remedy: `Go to the latest patch of ${next} first, then to ${minorOf(to)}.${order > 0 ? ' Or use strategy: revision, which may go up two at once.' : ''}`,
  };
}

function patchHop(from: Version, to: Version): Finding {
  return {
    id: 'patch-hop',
    severity: 'info',
    message: `From ${from.text} to ${to.text} only the patch release changes.`,
  };
}

const LISTENERS_SINCE = parseVersion('1.29.2');

/**
 * In place every old proxy is on the new istiod at once, before any of them is restarted; on the way down older proxies
 * come while the newer istiod still serves (H39).
 */
function rejectsListeners(from: Version, to: Version): Finding[] {
  const [older, newer] = compareVersions(from, to) < 0 ? [from, to] : [to, from];
  if (compareVersions(older, LISTENERS_SINCE) >= 0 || compareVersions(newer, LISTENERS_SINCE) < 0) return [];
  return [
    {
      id: 'old-proxies-reject-listeners',
      severity: 'warning',
      message:
        'Proxies older than 1.29.2 may reject HBONE listeners of a newer istiod (istio/istio#60486), and in place all of them ask the newer one, before they are restarted or, on the way down, until all have been.',
      remedy:
        older === from
          ? 'Go to the latest patch of the current minor release first, or use strategy: revision.'
          : 'Go down no further than 1.29.2, or do it when little goes through the mesh.',
    },
  ];
}
