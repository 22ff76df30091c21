import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { gatewayNotInConfiguration } from './gateway-configuration.ts';
import type { Mesh } from './mesh.ts';

const COMPONENTS: readonly (string | undefined)[] = ['IngressGateways', 'EgressGateways'];

type Seen = Pick<Mesh, 'installedGateways'>;

/** What is rendered, without the parts of gateways that are there. The rest is judged as a control plane's own. */
export function withoutGateways(
  objects: readonly RenderedObject[],
  { installedGateways }: Seen,
): RenderedObject[] {
  return objects.filter(
    ({ component, name }) =>
      !COMPONENTS.includes(component) ||
      !installedGateways.some((gateway) => name === gateway.name || name.startsWith(`${gateway.name}-`)),
  );
}

/** Gateways that are there and that the configuration does not make: they would stay at the old release. */
export function gatewaysLeftOut(objects: readonly RenderedObject[], { installedGateways }: Seen): Finding[] {
  const made = new Set(
    objects
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ name, namespace }) => `${namespace ?? ''}/${name}`),
  );
  return installedGateways
    .filter(({ namespace, name, accepted }) => !accepted && !made.has(`${namespace}/${name}`))
    .map(gatewayNotInConfiguration);
}
