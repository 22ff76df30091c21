import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { COMPILED } from '../../suite/clusters/embedded.ts';
import type { ClusterObject } from '../../support/normalise.ts';
import type { Ground } from '../ground.ts';

type Copy = ReturnType<Embedded['snapshot']>;

/** The embedded cluster, in this process: the same acts in a tenth of the time, by stand-ins. */
export class EmbeddedGround implements Ground {
  readonly cluster = undefined;
  #starting: Promise<Embedded> | undefined;
  #cluster: Embedded | undefined;
  readonly #copies = new Map<string, Copy>();

  async open(revision: string | undefined, objects: readonly object[]): Promise<void> {
    this.#starting = startEmbedded({ objects, ...(revision === undefined ? {} : { revision }) });
    this.#cluster = await this.#starting;
  }

  get env(): Readonly<Record<string, string>> {
    return {
      RUNNER_TOOL_CACHE: this.#there.toolCache,
      NODE_COMPILE_CACHE: COMPILED,
    };
  }

  kubeconfig(): string {
    return this.#there.kubeconfig('admin');
  }

  mirror(): string {
    return this.#there.mirror;
  }

  everything(): Promise<readonly ClusterObject[]> {
    return Promise.resolve(this.#there.snapshot() as readonly object[] as readonly ClusterObject[]);
  }

  save(copy: string): Promise<void> {
    this.#copies.set(copy, this.#there.snapshot());
    return Promise.resolve();
  }

  async restore(copy: string): Promise<void> {
    const kept = this.#copies.get(copy);
    if (kept === undefined) throw new Error(`there is no copy ${copy}`);
    await this.#there.restore(kept);
  }

  freeLock(): Promise<void> {
    const lease = ['Lease', 'istio-upgrade', 'istio-system'] as const;
    if (this.#there.get(...lease) !== undefined)
      this.#there.patch(...lease, { spec: { holderIdentity: null } });
    return Promise.resolve();
  }

  async close(): Promise<void> {
    await (await this.#starting?.catch(() => undefined))?.close();
  }

  get #there(): Embedded {
    if (this.#cluster === undefined) throw new Error('the cluster is not up');
    return this.#cluster;
  }
}
