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

/** Where the agent of a proxy finds istiod that is told of no other place; the name of its volume with the mesh's configuration. */
export const DEFAULT_ADDRESS = 'istiod.istio-system.svc:15012';
export const MESH_VOLUME = 'config-volume';

/**
 * The Service by which a proxy finds its istiod: of a gateway that somebody wrote by hand (case M08) from its arguments,
 * else as the agent reads it: from its environment, else, of a gateway that istioctl rendered, from the mesh's
 * configuration that is mounted, else where it is by default. Who signs certificates says nothing of it. A proxy of 1.5 or
 * older reads its arguments alone: undefined where these do not tell.
 *
 * @param mounted the mesh's configuration, as a text
 */
export function discoveryOf(
  { env = [], args, image }: Container,
  mounted = '{}',
): { name: string; namespace: string } | undefined {
  const config = env.find(({ name }) => name === 'PROXY_CONFIG')?.value ?? '{}';
  const { defaultConfig } = JSON.parse(mounted) as { defaultConfig?: ProxyConfig };
  const { discoveryAddress = DEFAULT_ADDRESS } = { ...defaultConfig, ...(JSON.parse(config) as ProxyConfig) };
  const address =
    argumentOf((args ?? []) as readonly string[]) ??
    (readsArgumentsAlone(image) ? undefined : discoveryAddress);
  if (address === undefined) return undefined;
  const [name = '', namespace = ''] = address.split('.');
  return { name, namespace };
}

interface ProxyConfig {
  readonly discoveryAddress?: string;
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
