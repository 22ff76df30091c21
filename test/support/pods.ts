import type { ClusterObject } from './normalise.ts';

/** A pod as tests look at it. */
export interface PodView {
  readonly namespace: string;
  readonly name: string;
  /** Revision that injected it, or that it was rendered for; undefined where it has no proxy. */
  readonly revision: string | undefined;
  /** Image of its proxy. */
  readonly proxy: string | undefined;
}

interface PodObject {
  readonly metadata: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<
    Partial<Record<'containers' | 'initContainers', readonly { name: string; image: string }[]>>
  >;
}

export function podView(object: ClusterObject): PodView {
  const { metadata, spec } = object as unknown as PodObject;
  const status = metadata.annotations?.['sidecar.istio.io/status'];
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  return {
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    revision:
      status === undefined
        ? metadata.annotations?.['istio.io/rev']
        : // Until 1.10 an injector says it by a label alone.
          ((JSON.parse(status) as { revision?: string }).revision ?? metadata.labels?.['istio.io/rev']),
    proxy: containers.find(({ name }) => name === 'istio-proxy')?.image,
  };
}
