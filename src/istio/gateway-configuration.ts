import type { Finding } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import type { RenderedGateway } from '../istioctl/gateway-manifest.ts';
import type { RevisionConfiguration } from '../istioctl/istioctl.ts';
import type { InstalledGateway } from './installed-gateway.ts';
import { nameOf } from './mesh.ts';

/**
 * What gateways are rendered from: files of their own, else the user's own files and values for the control plane. Unlike
 * for that, no profile is chosen for who gives none: istioctl takes its default profile, as it did where the mesh was
 * installed with nothing, either.
 */
export function gatewayConfiguration(
  { config, gatewayConfig, set }: Pick<Inputs, 'config' | 'gatewayConfig' | 'set'>,
  { revision }: { readonly revision: string },
): RevisionConfiguration {
  const files =
    gatewayConfig.length > 0 ? { configFiles: gatewayConfig, set: [] } : { configFiles: config, set };
  return { revision, ...files, without: 'all but gateways' };
}

/** The inputs that make it, as findings name them. */
export const GATEWAY_INPUTS = 'gateway-config, or else config and set';

/** What of a rendering is a gateway's. */
export function renderedOf(
  { namespace, name }: Pick<InstalledGateway, 'namespace' | 'name'>,
  rendered: readonly RenderedGateway[],
): RenderedGateway | undefined {
  return rendered.find((item) => item.namespace === namespace && item.name === name);
}

/** The gateways can't be rendered. */
export function gatewaysNotRendered(reason: string): Finding {
  return {
    id: 'gateways-not-rendered',
    severity: 'error',
    message: `istioctl can't render the gateways of the configuration: ${reason}`,
    remedy: `Correct ${GATEWAY_INPUTS}. Both the current and the target version must understand them.`,
  };
}

/** A gateway of the mesh is not in the configuration that was given. */
export function gatewayNotInConfiguration(
  gateway: Pick<InstalledGateway, 'kind' | 'namespace' | 'name'>,
): Finding {
  return {
    id: 'gateway-not-in-configuration',
    severity: 'error',
    object: nameOf(gateway),
    message: 'istioctl has installed this gateway, and the given configuration has no gateway of that name',
    remedy: `Give all phases the config and set with which it was installed (set: profile=default, where it came with the default profile), or its own file as gateway-config, or accept that it stays behind: allow-stragglers: ${gateway.namespace}/${gateway.name}`,
  };
}
