import { gatewaysToLeave, renderedWhole } from '../istio/installed-gateway.ts';
import { nameOf } from '../istio/mesh.ts';
import { awaitGatewayProxies } from './gateway-proxies.ts';
import type { Step } from './step.ts';

/**
 * Sees that the gateways that were replaced with the control plane work there: their pods connected to the new istiod, and in
 * sync. One that was not so before has nothing to prove, and one that is injected goes by its restart.
 */
export const verifyGatewaysInPlace: Step = {
  id: 'verify-along',
  title: 'See what went along with the installation',
  timeoutMs: 10 * 60_000,
  run: async (context, { before }) => {
    const mesh = await context.observe();
    const { workloads } = mesh;
    const installedGateways = gatewaysToLeave(mesh, context.upgrade.to.revision);
    const all = renderedWhole({ installedGateways, workloads });
    const isExcused = (name: string): boolean => before.troubled.has(name) || before.unsynced.has(name);
    const gateways = all.filter((gateway) => !isExcused(nameOf(gateway)));
    for (const gateway of gateways) {
      const { namespace, name: deployment } = gateway;
      await awaitGatewayProxies(context, { namespace, deployment, called: nameOf(gateway) }, 'to');
    }
    const excused = all.map(nameOf).filter(isExcused);
    return (
      [
        gateways.length === 0
          ? ''
          : `of ${context.upgrade.to.version}, and in sync: ${gateways.map(nameOf).join(', ')}`,
        excused.length === 0 ? '' : `not judged, as before it was not well: ${excused.join(', ')}`,
      ]
        .filter((part) => part !== '')
        .join('; ') || 'nothing went along: the mesh has no gateway of istioctl’s'
    );
  },
};
