import { join } from 'node:path';
import { type Embedded, type KindName, startEmbedded } from '../../embedded/start.ts';
import { standInRunner } from './istioctl.ts';
import { type Form, type FeatureName, FROM, TO, base, featureOf } from './features.ts';
import { Holder } from './holder.ts';
import type { Manifest } from './workloads.ts';

/** Short, and still so long that what is on its way can be seen. */
const DELAYS = { start: 4, istiod: 8, sync: 5, stop: 3 } as const;
const QUIET_MS = 40;
const CALM_AFTER_MS = 20_000;

/** The mesh of a story, as plain data. */
export interface Mesh {
  readonly form: Form;
  readonly features: readonly FeatureName[];
}

/** All objects of a mesh, in the order in which they are created. */
export function objectsOf({ form, features }: Mesh): Manifest[] {
  return [...base(form), ...features.flatMap((name) => featureOf(name).objects?.(form) ?? [])];
}

/** A mesh that lives, and what its story needs to know of it. */
export class World {
  readonly cluster: Embedded;
  readonly mesh: Mesh;
  /** Another run, which holds the lock while it is asked to. */
  readonly holder: Holder;
  readonly #dir: string;

  private constructor(cluster: Embedded, mesh: Mesh) {
    this.cluster = cluster;
    this.mesh = mesh;
    this.holder = new Holder(cluster);
    this.#dir = join(cluster.toolCache, '..');
  }

  /** @throws where the embedded cluster cannot play it */
  static async start(mesh: Mesh): Promise<World> {
    const cluster = await startEmbedded({ revision: '', objects: [], delays: DELAYS });
    const world = new World(cluster, mesh);
    try {
      const chosen = mesh.form === 'default' ? [] : ['--revision', mesh.form];
      await world.istioctl(FROM.version, ['install', '--set', 'profile=minimal', ...chosen, '-y']);
      for (const name of mesh.features) {
        const args = featureOf(name).install?.(mesh.form);
        if (args !== undefined) await world.istioctl(FROM.version, args);
      }
      for (const object of objectsOf(mesh)) cluster.create(object);
      await world.quiet();
      return world;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** Somebody runs istioctl. @throws where it says no */
  async istioctl(version: string, args: readonly string[]): Promise<void> {
    const ended = await standInRunner.run({
      file: `/istioctl/${version}/istioctl`,
      args,
      env: { KUBECONFIG: join(this.#dir, 'admin.kubeconfig') },
      timeoutMs: 20_000,
    });
    if (ended.code !== 0) throw new Error(`istioctl ${args.join(' ')}: ${ended.stderr}`);
  }

  /** A number that changes with every change of an object but the lock. */
  version(): string {
    return this.cluster
      .snapshot()
      .filter(({ kind }) => kind !== 'Lease')
      .map(({ metadata }) => `${metadata.uid}:${metadata.resourceVersion}`)
      .join(' ');
  }

  /** Waits until nothing changes any more: with what is broken, that is the end of all rollouts there will be. */
  async quiet(): Promise<void> {
    const deadline = performance.now() + CALM_AFTER_MS;
    let seen = this.version();
    let since = performance.now();
    while (performance.now() - since < QUIET_MS) {
      if (performance.now() > deadline) throw new Error('the cluster does not come to rest');
      await new Promise((resolve) => setTimeout(resolve, 8));
      const now = this.version();
      if (now !== seen) [seen, since] = [now, performance.now()];
    }
  }

  /** Whether an object is there: `Kind namespace/name`. */
  find(ref: string): { kind: KindName; namespace: string | undefined; name: string } | undefined {
    const [kind = '', path = ''] = ref.split(' ');
    const [name = '', namespace] = path.split('/').reverse();
    const found = this.cluster.get(kind as KindName, name, namespace);
    return found === undefined ? undefined : { kind: kind as KindName, namespace, name };
  }

  close(): Promise<void> {
    this.holder.end();
    return this.cluster.close();
  }
}

export const VERSIONS = [FROM.version, TO.version] as const;
