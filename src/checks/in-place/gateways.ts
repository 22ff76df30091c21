import type { Finding } from '../../finding.ts';
import { nameOfGateway } from '../../istio/api-gateway.ts';
import { renderedWhole } from '../../istio/installed-gateway.ts';
import { nameOf, planeOfRevision } from '../../istio/mesh.ts';
import { ownerKey } from '../../istio/moves.ts';
import { onSide } from '../../istio/side.ts';
import { runs } from '../../istio/state-in-place.ts';
import type { Check, CheckView } from '../check.ts';
import { gateways } from '../gateways.ts';
import { ambientNotYet } from '../not-yet.ts';

/**
 * Gateways that istioctl installed go with the control plane, by istioctl itself: they have to serve all the while. Those
 * of the Gateway API, those that something else applies, and a mesh in ambient mode are refused for now.
 */
export const gatewaysInPlace: Check = (view) => {
  const { mesh, record, phase } = view;
  const isOpen = record !== undefined && record.endedAt === undefined;
  const gone = new Set(renderedWhole(mesh).map(nameOf));
  return [
    ...(phase === 'precheck' || phase === 'canary' ? notHealthy(view) : []),
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

/**
 * Broken before, with an installation to come that would wait for it in vain, after it has replaced istiod. One that is there
 * already is through.
 */
function notHealthy({ mesh, before, upgrade, record }: CheckView): Finding[] {
  const there = onSide(upgrade, 'to');
  const behind = new Set(mesh.pods.filter((pod) => !pod.terminating && !there(pod)).map(ownerKey));
  const isReplaced = runs(planeOfRevision(mesh, upgrade.to.revision), upgrade.to.version);
  const due = isReplaced
    ? renderedWhole(mesh).filter((item) => behind.has(nameOf(item)))
    : mesh.installedGateways;
  const isOpen = record !== undefined && record.endedAt === undefined;
  return due
    .map(nameOf)
    .filter((name) => before.troubled.has(name))
    .map((object) => ({
      id: 'gateway-not-healthy',
      severity: 'error',
      object,
      message:
        'it is not healthy, and istioctl install, which replaces it with the control plane, waits for every gateway',
      remedy: isOpen
        ? 'If it is only being scaled or rolled out, run this phase again. Else mend it first, or run rollback.'
        : 'If it is only being scaled or rolled out, run this phase again. Else mend it first, or scale it to what gets ready. Or use strategy: revision, which waits for no gateway that was broken before.',
    }));
}

/** The way back rolls what is on the target: it is told what that means for a gateway, and is not stopped by it. */
export const gatewaysOnTheWayBack: Check = (view) => {
  const there = onSide(view.upgrade, 'to');
  const due = new Set(view.mesh.pods.filter((pod) => there(pod) && !pod.terminating).map(ownerKey));
  return gateways(view)
    .filter(({ object = '' }) => due.has(object))
    .map((finding): Finding => ({ ...finding, severity: 'warning' }));
};
