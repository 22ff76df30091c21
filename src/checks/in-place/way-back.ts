import type { View } from '../../decide/upgrade.ts';
import type { Finding } from '../../finding.ts';
import { dialectOfText } from '../../istio/dialect.ts';
import { canHoldProxies } from '../../istio/held-proxy.ts';
import { goesDown } from '../../istio/state-in-place.ts';
import type { Check } from '../check.ts';
import { pinnedImages } from '../pinned-images.ts';
import { cniInPlace } from './cni.ts';
import { scaledToZeroInPlace } from './control-plane.ts';
import { newerProxies, type Seen, stayNewer } from './proxies.ts';
import { proxySkew } from './skew.ts';

/** What the way back will ask for, told before anybody goes. */
export const wayBackInPlace: Check = ({ upgrade }) => {
  const { from, to } = upgrade;
  if (goesDown(upgrade) || canHoldProxies(upgrade)) return [];
  const kubectl = dialectOfText(from.version)?.callsKubectl === true;
  return [
    {
      id: 'way-back-leaves-newer-proxies',
      severity: 'warning',
      message: `back from ${to.version} to ${from.version} proxies can't go before their istiod, whose template is not for them: rollback puts istiod ${from.version} back first, and until they are restarted they are newer than it, which Istio does not support and which may lose traffic`,
      remedy: `Rehearse the way back on a test cluster. Rollback will want acknowledge: proxies-newer-than-control-plane${kubectl ? `, and kubectl on the runner's PATH, which istioctl ${from.version} calls` : ''}.`,
    },
  ];
};

/** Of the checks before a rollback those that may refuse it: "Way back" asks the same, so it says ready of none that is. */
export const MAY_REFUSE_ROLLBACK: readonly ((seen: Seen) => Finding[])[] = [
  scaledToZeroInPlace,
  newerProxies,
  stayNewer,
  proxySkew,
  pinnedImages,
  cniInPlace,
];

/** What a rollback that acknowledges nothing would be refused for as the mesh is, as far as nobody has to be asked for it. */
export function rollbackRefusedFor(view: View): Finding[] {
  const seen = { ...view, phase: 'rollback' as const, asked: { acknowledge: [] } };
  return MAY_REFUSE_ROLLBACK.flatMap((check) => check(seen)).filter(({ severity }) => severity === 'error');
}
