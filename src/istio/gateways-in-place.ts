import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { isPartOf } from './along.ts';
import { isGatewayComponent } from './gateway.ts';
import { gatewayNotInConfiguration } from './gateway-configuration.ts';
import type { Mesh } from './mesh.ts';

type Seen = Pick<Mesh, 'installedGateways'>;

/** What is rendered, without the parts of gateways that are there. The rest is judged as a control plane's own. */
export function withoutGateways(
  objects: readonly RenderedObject[],
  { installedGateways }: Seen,
): RenderedObject[] {
  return objects.filter(
    (object) =>
      !isGatewayComponent(object.component) ||
      !installedGateways.some((gateway) => isPartOf(object, gateway)),
  );
}

/**
 * Gateways that are there and that the configuration does not make. None may stay behind, whatever was accepted: an
 * istioctl that has installed them before, on the way back or down, deletes what it does not render any more.
 */
export function gatewaysLeftOut(objects: readonly RenderedObject[], { installedGateways }: Seen): Finding[] {
  const made = new Set(
    objects
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ name, namespace }) => `${namespace ?? ''}/${name}`),
  );
  return installedGateways
    .filter(({ namespace, name }) => !made.has(`${namespace}/${name}`))
    .map((gateway) => ({
      ...gatewayNotInConfiguration(gateway, false),
      remedy:
        'Give all phases the config and set with which it was installed, its gateways included. One that has a file of its own can only be upgraded with strategy: revision.',
    }));
}
