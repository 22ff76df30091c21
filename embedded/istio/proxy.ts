import type { Container, Pod } from '../objects.ts';

export const PROXY = 'istio-proxy';
export const STATUS = 'sidecar.istio.io/status';

/** A pod's sidecar, a regular container or a native one; undefined outside the mesh. */
export function proxyOf({ spec }: Pod): Container | undefined {
  return [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === PROXY);
}

/** The revision that injected a pod, as its injector recorded it. */
export function revisionOf({ metadata }: Pod): string | undefined {
  const status = metadata.annotations?.[STATUS];
  return status === undefined ? undefined : (JSON.parse(status) as { revision?: string }).revision;
}

/** The Service by which a sidecar finds its istiod, from its own environment; undefined where it has none. */
export function discoveryOf({ env = [] }: Container): { name: string; namespace: string } | undefined {
  const config = env.find(({ name }) => name === 'PROXY_CONFIG')?.value;
  if (config === undefined) return undefined;
  const { discoveryAddress = '' } = JSON.parse(config) as { discoveryAddress?: string };
  const [name = '', namespace = ''] = discoveryAddress.split('.');
  return { name, namespace };
}
