import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createMirror } from './archive.ts';
import type { Binaries } from './binary.ts';
import { create, mustInside, untilPodsReady, untilServing, type Say } from './cluster.ts';
import { createKeys } from './keys.ts';
import { createNetwork, enter, type Network } from './network.ts';
import { controlParts, workingParts, type Part } from './part.ts';
import type { Place } from './place.ts';
import type { Release } from './release.ts';
import { load, shop, type KubernetesObject, type Size } from './shop.ts';
import { createPlace, insistAlive, startPart, writeState, type State } from './state.ts';

/** What a cluster is to be. */
export interface Order {
  readonly name: string;
  readonly revision: string;
  readonly istio: boolean;
  readonly shop: boolean;
  readonly load: Size | undefined;
}

/** A cluster as it grows; everything it makes is written down at once. */
export class Assembly {
  readonly #options: Order;
  readonly #releases: readonly Release[];
  readonly #binaries: Binaries;
  readonly #say: Say;
  readonly #place: Place;
  #state: State;

  constructor(options: Order, releases: readonly Release[], binaries: Binaries, say: Say) {
    this.#options = options;
    this.#releases = releases;
    this.#binaries = binaries;
    this.#say = say;
    this.#place = createPlace(options.name);
    this.#state = {
      name: options.name,
      ready: false,
      parts: [],
      releases: releases.map((release) => release.version),
    };
    this.#record({});
  }

  /** Brings up the cluster, then the mesh, then the shop. */
  async start(first: Release): Promise<void> {
    this.#linkTools();
    this.#record({ network: await createNetwork(this.#options.name, join(this.#place.logs, 'network.log')) });
    await createKeys(this.#binaries, this.#place, this.#options.name);
    this.#say('starting Kubernetes');
    controlParts(this.#binaries, this.#place).forEach((part) => this.#startPart(part));
    await Promise.all([
      createMirror(this.#place, this.#releases),
      untilServing(this.#network, this.#place, this.#check),
    ]);
    workingParts(this.#binaries, this.#place, this.#releases).forEach((part) => this.#startPart(part));
    if (this.#options.istio) await this.#installIstio(first);
    await this.#fill();
    this.#record({ ready: true });
  }

  get #network(): Network {
    if (this.#state.network === undefined) throw new Error('no network yet');
    return this.#state.network;
  }

  #record(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    writeState(this.#place, this.#state);
  }

  #linkTools(): void {
    symlinkSync(this.#binaries.kubectl, join(this.#place.bin, 'kubectl'));
    symlinkSync(this.#binaries.pki, join(this.#place.bin, 'testbed-pki'));
    for (const { version, istioctl } of this.#releases)
      symlinkSync(istioctl, join(this.#place.bin, `istioctl-${version}`));
  }

  #startPart({ name, argv }: Part): void {
    const part = startPart(this.#place, name, enter(this.#network, argv));
    this.#record({ parts: [...this.#state.parts, part] });
  }

  readonly #check = (): void => {
    insistAlive(this.#place, this.#state.parts);
  };

  async #installIstio(release: Release): Promise<void> {
    const { revision } = this.#options;
    this.#say(
      `installing Istio ${release.version}, ${revision === 'default' ? 'without revision' : `revision ${revision}`}`,
    );
    const chosen = revision === 'default' ? [] : ['--revision', revision];
    const program = `istioctl-${release.version}`;
    const options = ['--set', 'profile=minimal', ...chosen, '--readiness-timeout', '180s', '-y'];
    await mustInside(this.#network, this.#place, [program, 'install', ...options]);
  }

  async #fill(): Promise<void> {
    const { revision, load: size } = this.#options;
    const objects: KubernetesObject[] = [
      ...(this.#options.shop ? shop(revision) : []),
      ...(size === undefined ? [] : load(revision, size)),
    ];
    if (objects.length === 0) return;
    this.#say(`applying ${objects.length} objects`);
    await create(this.#network, this.#place, objects);
    const expected = size === undefined ? 0 : size.namespaces * size.workloads * size.replicas;
    const pods = await untilPodsReady(this.#network, this.#place, expected, this.#say, this.#check);
    this.#say(`${pods.ready} pods are ready`);
  }
}
