import type { Inputs } from '../inputs.ts';
import { isGatewayComponent } from '../istio/gateway.ts';
import type { Configuration } from '../istioctl/config-files.ts';
import { inVariant } from '../istio/rendered-images.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';

/** What an upgrade in place installs: by the old istioctl, by the new one, and by the newer with the older's proxies. */
export interface InPlaceRenders {
  readonly from: readonly RenderedObject[];
  readonly to: readonly RenderedObject[];
  readonly held: readonly RenderedObject[];
}

export const NO_RENDERS: InPlaceRenders = { from: [], to: [], held: [] };

/**
 * The user's files and values, gateways included, as Istio does it. With neither it is what `istioctl install` makes of
 * nothing; where there is no gateway, that was not the default profile.
 *
 * @param withGateways whether the mesh has, or had when canary began, gateways that istioctl installed
 */
export function inPlaceConfiguration(
  { config, set }: Pick<Inputs, 'config' | 'set'>,
  withGateways: boolean,
): Configuration {
  const chosen = config.length > 0 || set.some((line) => line.startsWith('profile=')) || withGateways;
  return { configFiles: config, set: chosen ? set : ['profile=minimal', ...set] };
}

/** The same of what was rendered and weighed: somebody may have taken a gateway away since. */
export function configurationOf(
  inputs: Pick<Inputs, 'config' | 'set'>,
  rendered: readonly RenderedObject[],
): Configuration {
  return inPlaceConfiguration(
    inputs,
    rendered.some(({ component }) => isGatewayComponent(component)),
  );
}

/**
 * The given configuration for a newer control plane whose injector gives out an older release's proxy: on the way down
 * proxies go first (H40). A name with a slash is the whole image to Istio's injector and to its gateways' chart.
 *
 * @param older what the older istioctl renders, whose injector names the proxy's image
 */
export function heldConfiguration(given: Configuration, older: readonly RenderedObject[]): Configuration {
  const image = proxyImage(older);
  if (image === undefined) return given;
  return {
    ...given,
    set: [...given.set, `values.global.proxy.image=${image}`, `values.global.proxy_init.image=${image}`],
  };
}

/** The image of the proxy that an injector would give out, in the mesh's variant; undefined where nothing tells it. */
export function proxyImage(objects: readonly RenderedObject[]): string | undefined {
  const injector = objects.find(
    ({ kind, name }) => kind === 'ConfigMap' && name.startsWith('istio-sidecar-injector'),
  );
  const image = injector?.images[0];
  const type = objects.find(({ imageType }) => imageType !== undefined)?.imageType;
  return image === undefined ? undefined : inVariant(image, type);
}
