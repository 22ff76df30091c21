import type { RenderedObject } from '../istioctl/manifest.ts';

/** What an upgrade in place installs: by the old istioctl, by the new one, and by the newer with the older's proxies. */
export interface InPlaceRenders {
  readonly from: readonly RenderedObject[];
  readonly to: readonly RenderedObject[];
  readonly held: readonly RenderedObject[];
}

export const NO_RENDERS: InPlaceRenders = { from: [], to: [], held: [] };

/** What a control plane is configured by. */
interface Given {
  readonly configFiles: readonly string[];
  readonly set: readonly string[];
}

/**
 * The given configuration for a newer control plane whose injector gives out an older release's proxy: on the way down
 * proxies go first (H40). A name with a slash is the whole image to Istio's injector and to its gateways' chart.
 *
 * @param older what the older istioctl renders, whose injector names the proxy's image
 */
export function heldConfiguration(given: Given, older: readonly RenderedObject[]): Given {
  const image = proxyImage(older);
  if (image === undefined) return given;
  return {
    ...given,
    set: [...given.set, `values.global.proxy.image=${image}`, `values.global.proxy_init.image=${image}`],
  };
}

/** The image of the proxy that an injector would give out; undefined where nothing tells it. */
export function proxyImage(objects: readonly RenderedObject[]): string | undefined {
  const injector = objects.find(
    ({ kind, name }) => kind === 'ConfigMap' && name.startsWith('istio-sidecar-injector'),
  );
  return injector?.images[0];
}
