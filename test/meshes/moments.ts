import type { KubeObject, Pod, Workload } from '../../embedded/objects.ts';
import { type Moments, ISTIO, isBelow } from './judge.ts';
import type { World } from './world.ts';

/** A gateway, by the pods that it has. */
interface Gateway {
  readonly name: string;
  readonly namespace: string;
  readonly selector: Readonly<Record<string, string>>;
}

/** So many of each are told. */
const TOLD = 5;

/**
 * Looks after each change of the cluster, until it is stopped: has each gateway a ready pod with a stream to an istiod, and is
 * no proxy newer than the istiods. It looks into the cluster's own store, so that it misses no moment and takes no time.
 */
export class Watching {
  readonly #world: World;
  readonly #gateways: readonly Gateway[];
  readonly #unserved = new Set<string>();
  readonly #newer = new Set<string>();
  readonly #stop: () => void;

  constructor(world: World) {
    this.#world = world;
    // One that is not served in the beginning is nobody's fault.
    this.#gateways = gatewaysOf(world).filter((gateway) => this.#isServed(gateway));
    this.#stop = world.cluster.watch(() => this.#look());
  }

  /** What there was until now. */
  stop(): Moments {
    this.#stop();
    return { unserved: [...this.#unserved].slice(0, TOLD), newer: [...this.#newer].slice(0, TOLD) };
  }

  #look(): void {
    for (const gateway of this.#gateways)
      if (!this.#isServed(gateway))
        this.#unserved.add(`Deployment ${gateway.namespace}/${gateway.name} had no ready pod at an istiod`);
    const istiods = this.#world.cluster.list('Pod', ISTIO).filter((pod) => isIstiod(pod) && isServing(pod));
    if (istiods.length === 0) return;
    for (const pod of this.#world.cluster.list('Pod')) {
      const version = versionOf(pod, 'istio-proxy');
      const istiod = this.#world.cluster.istiodOf(pod);
      if (version === undefined || istiod?.metadata.namespace !== ISTIO || !isServing(pod)) continue;
      if (istiods.every((one) => isBelow(versionOf(one, 'discovery') ?? '', version)))
        this.#newer.add(
          `Pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name} was ${version}, and each istiod older`,
        );
    }
  }

  #isServed({ namespace, selector }: Gateway): boolean {
    return this.#world.cluster
      .list('Pod', namespace)
      .some(
        (pod) =>
          Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value) &&
          isServing(pod) &&
          this.#world.cluster.istiodOf(pod) !== undefined,
      );
  }
}

/** Those whose pods come before the old ones go: who says `Recreate` wants a gap. */
function gatewaysOf({ cluster }: World): Gateway[] {
  return cluster
    .list('Deployment')
    .filter((deployment) => isGateway(deployment) && !isRecreated(deployment))
    .map(({ metadata: { name, namespace = '' }, spec }) => ({
      name,
      namespace,
      selector: (spec.selector as { matchLabels?: Record<string, string> }).matchLabels ?? {},
    }));
}

function isGateway({ metadata: { labels = {} }, spec: { template } }: Workload): boolean {
  return (
    (labels['operator.istio.io/component'] ?? '').endsWith('Gateways') ||
    labels['gateway.networking.k8s.io/gateway-name'] !== undefined ||
    template.metadata?.annotations?.['inject.istio.io/templates'] === 'gateway'
  );
}

function isRecreated({ spec }: Workload): boolean {
  return (spec as { strategy?: { type?: string } }).strategy?.type === 'Recreate';
}

function isIstiod({ metadata }: KubeObject): boolean {
  return metadata.labels?.app === 'istiod';
}

function isServing({ metadata, status }: Pod): boolean {
  const conditions = (status?.conditions ?? []) as readonly { type: string; status: string }[];
  return (
    metadata.deletionTimestamp === undefined &&
    conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True')
  );
}

function versionOf({ spec }: Pod, container: string): string | undefined {
  const found = [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === container);
  return found?.image.slice(found.image.lastIndexOf(':') + 1);
}
