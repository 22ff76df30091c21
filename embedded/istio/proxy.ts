import type { Container, Pod } from '../objects.ts';
import { splitImage } from './images.ts';

export const PROXY = 'istio-proxy';
export const STATUS = 'sidecar.istio.io/status';

/** A pod's sidecar, a regular container or a native one; undefined outside the mesh. */
export function proxyOf({ spec }: Pod): Container | undefined {
  return [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === PROXY);
}

/** The revision that injected a pod, as its injector recorded it; what istiod makes for a Gateway says it itself. */
export function revisionOf({ metadata }: Pod): string | undefined {
  const status = metadata.annotations?.[STATUS];
  return status === undefined
    ? metadata.annotations?.['istio.io/rev']
    : (JSON.parse(status) as { revision?: string }).revision;
}

/**
 * The Service by which a proxy finds its istiod: from its own environment, of a gateway that somebody wrote by hand
 * (case M08) from its arguments, of one that istioctl rendered from where it gets its certificates; undefined where none
 * tells. A proxy of 1.5 or older reads its arguments alone.
 */
export function discoveryOf({
  env = [],
  args,
  image,
}: Container): { name: string; namespace: string } | undefined {
  const config = env.find(({ name }) => name === 'PROXY_CONFIG')?.value;
  const said = config === undefined ? {} : (JSON.parse(config) as { discoveryAddress?: string });
  const discoveryAddress =
    argumentOf((args ?? []) as readonly string[]) ??
    (readsArgumentsAlone(image)
      ? undefined
      : (said.discoveryAddress ?? env.find(({ name }) => name === 'CA_ADDR')?.value));
  if (discoveryAddress === undefined) return undefined;
  const [name = '', namespace = ''] = discoveryAddress.split('.');
  return { name, namespace };
}

function readsArgumentsAlone(image: string | undefined): boolean {
  const [, minor = ''] = /^1\.(\d+)\./.exec(splitImage(image ?? '').version) ?? [];
  return minor !== '' && Number(minor) <= 5;
}

function argumentOf(args: readonly string[]): string | undefined {
  const flag = '--discoveryAddress';
  const joined = args.find((arg) => arg.startsWith(`${flag}=`));
  if (joined !== undefined) return joined.slice(flag.length + 1);
  return args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
}

/** The version that a pod's proxy reports: its image's, or another one where the pod is told so (case M25). */
export function reportedVersion(pod: Pod): string {
  return pod.metadata.annotations?.['testbed/proxy-version'] ?? splitImage(proxyOf(pod)?.image ?? '').version;
}
