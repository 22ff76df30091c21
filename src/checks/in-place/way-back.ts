import { dialectOfText } from '../../istio/dialect.ts';
import { canHoldProxies } from '../../istio/held-proxy.ts';
import { goesDown } from '../../istio/state-in-place.ts';
import type { Check } from '../check.ts';

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
