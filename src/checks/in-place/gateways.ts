import type { Finding } from '../../finding.ts';
import { nameOf } from '../../istio/mesh.ts';
import type { Check } from '../check.ts';
import { gateways } from '../gateways.ts';

/**
 * Gateways that istioctl installed go with the control plane, by istioctl itself: they have to serve all the while. Those
 * of the Gateway API, and a mesh in ambient mode, are refused for now.
 */
export const gatewaysInPlace: Check = (view) => {
  const { mesh } = view;
  const installed = mesh.workloads.filter(({ gateway }) => gateway === 'installed');
  const known = new Set(installed.map(nameOf));
  return [
    ...gateways(view),
    ...installed
      .filter(({ servesThroughout, accepted }) => !servesThroughout && !accepted)
      .map((workload): Finding => ({
        id: 'gateway-would-stop',
        severity: 'error',
        object: nameOf(workload),
        message: 'a gateway, and replacing it with the control plane would take all its pods at once',
        remedy:
          'Give it more replicas than its strategy takes away (in the IstioOperator file: k8s.strategy, or k8s.hpaSpec.minReplicas: 2).',
      })),
    ...mesh.gateways
      .filter((name) => !known.has(name))
      .map((name): Finding => ({
        id: 'gateways-not-yet-moved',
        severity: 'error',
        object: name,
        message:
          'a gateway of the Gateway API; this Action does not upgrade it in place yet: istiod would replace it by itself, unseen',
        remedy: 'Upgrade this mesh by hand for now.',
      })),
    ...mesh.shared
      .filter(({ kind }) => kind === 'ztunnel')
      .map(({ object }): Finding => ({
        id: 'ambient-not-yet-moved',
        severity: 'error',
        object,
        message: 'ztunnel: a mesh in ambient mode, which this Action does not upgrade yet',
        remedy: 'Upgrade this mesh by hand for now.',
      })),
  ];
};
