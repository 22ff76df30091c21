import { gatewaysToStay } from '../istio/installed-gateway.ts';
import { gatewayInUse } from '../istio/removal.ts';
import { remains } from '../istio/state.ts';
import type { Check } from './check.ts';

/**
 * A gateway of istioctl's with leave to stay on the control plane that is to be removed: no step moves it, and the removal
 * proof counts it, in the same words. So it is told before anything is touched (promise 5); by a promote that does not remove
 * as a warning. Of a rollback the removal is a part.
 */
export const gatewaysThatHold: Check = ({ mesh, phase, removal: { removeOld }, upgrade: { from, to } }) => {
  const isBack = phase === 'rollback';
  const { revision } = isBack ? to : from;
  if (!remains(mesh, revision)) return [];
  const severity = isBack || removeOld ? 'error' : 'warning';
  return gatewaysToStay(mesh, revision).map((gateway) => ({ ...gatewayInUse(gateway, revision), severity }));
};
