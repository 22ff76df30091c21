import { gatewaysToLeave } from '../istio/installed-gateway.ts';
import { nameOf } from '../istio/mesh.ts';
import { awaitGatewayProxies } from './gateway-proxies.ts';
import type { Step } from './step.ts';

/**
 * Sees that the gateways that were replaced with the control plane work there: their pods connected to the new istiod, and in
 * sync. One that was not so before has nothing to prove.
 */
export const verifyGatewaysInPlace: Step = {
  id: 'verify-along',
  title: 'See what went along with the installation',
  timeoutMs: 10 * 60_000,
  run: async (context, { before }) => {
    const gateways = gatewaysToLeave(await context.observe(), context.upgrade.to.revision).filter(
      (gateway) => !before.troubled.has(nameOf(gateway)) && !before.unsynced.has(nameOf(gateway)),
    );
    for (const gateway of gateways) {
      const { namespace, name: deployment } = gateway;
      await awaitGatewayProxies(context, { namespace, deployment, called: nameOf(gateway) }, 'to');
    }
    return gateways.length === 0
      ? 'nothing went along: the mesh has no gateway of istioctl’s'
      : `of ${context.upgrade.to.version}, and in sync: ${gateways.map(nameOf).join(', ')}`;
  },
};
