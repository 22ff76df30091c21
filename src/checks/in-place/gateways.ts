import type { Finding } from '../../finding.ts';
import { nameOfGateway } from '../../istio/api-gateway.ts';
import { renderedWhole } from '../../istio/installed-gateway.ts';
import { nameOf } from '../../istio/mesh.ts';
import { ownerKey } from '../../istio/moves.ts';
import { onSide } from '../../istio/side.ts';
import type { Check } from '../check.ts';
import { gateways } from '../gateways.ts';
import { ambientNotYet } from '../not-yet.ts';

/**
 * Gateways that istioctl installed go with the control plane, by istioctl itself: they have to serve all the while. Those
 * of the Gateway API, those that something else applies, and a mesh in ambient mode are refused for now.
 */
export const gatewaysInPlace: Check = (view) => {
  const { mesh, record } = view;
  const isOpen = record !== undefined && record.endedAt === undefined;
  const gone = new Set(renderedWhole(mesh).map(nameOf));
  return [
    // Not by namespace: what istioctl installed is replaced in canary, wherever it is.
    ...gateways(view).map((finding): Finding =>
      gone.has(finding.object ?? '') ? { ...finding, severity: 'error' } : finding,
    ),
    ...[...mesh.gateways, ...mesh.apiGateways.map(nameOfGateway)].map((name): Finding => ({
      id: 'gateways-not-yet-moved',
      severity: 'error',
      object: name,
      message:
        'a gateway that istioctl did not install; this Action does not upgrade it in place yet, and would leave it unseen',
      // It came half-way, and a rollback would wait for its proxy.
      remedy: isOpen
        ? 'Take it away until the upgrade is through, and run this phase again, or rollback.'
        : 'Upgrade this mesh by hand for now.',
    })),
    ...ambientNotYet(mesh),
  ];
};

/** The way back rolls what is on the target: it is told what that means for a gateway, and is not stopped by it. */
export const gatewaysOnTheWayBack: Check = (view) => {
  const there = onSide(view.upgrade, 'to');
  const due = new Set(view.mesh.pods.filter((pod) => there(pod) && !pod.terminating).map(ownerKey));
  return gateways(view)
    .filter(({ object = '' }) => due.has(object))
    .map((finding): Finding => ({ ...finding, severity: 'warning' }));
};
