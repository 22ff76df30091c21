import { join } from 'node:path';
import { type Embedded, type KindName, startEmbedded } from '../../embedded/start.ts';
import type { ActorAct } from './acts.ts';
import { standInRunner } from './istioctl.ts';
import { type Form, type FeatureName, FROM, TO, base, featureOf } from './features.ts';
import { Holder } from './holder.ts';
import type { Manifest } from './workloads.ts';

/** Short, and still so long that what is on its way can be seen. */
const DELAYS = { start: 4, istiod: 8, sync: 5, stop: 3 } as const;
const QUIET_MS = 40;
const CALM_AFTER_MS = 60_000;
/** On a machine that others keep busy, too. */
const ISTIOCTL_MS = 120_000;

/** The mesh of a story, as plain data. */
export interface Mesh {
  readonly form: Form;
  readonly features: readonly FeatureName[];
}

/** All objects of a mesh, in the order in which they are created; what several features need is there once. */
export function objectsOf({ form, features }: Mesh): Manifest[] {
  const all = [...base(form), ...features.flatMap((name) => featureOf(name).objects?.(form) ?? [])];
  const refOf = ({ kind, metadata }: Manifest): string =>
    `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
  return all.filter((object, index) => all.findIndex((one) => refOf(one) === refOf(object)) === index);
}

/** What is done to a mesh once its objects are there; what two features both do is done once, as istioctl removes nothing twice. */
export function actsOf({ form, features }: Mesh): ActorAct[] {
  const all = features.flatMap((name) => featureOf(name).after?.(form) ?? []);
  return [...new Map(all.map((act) => [JSON.stringify(act), act])).values()];
}

/** Lines of `--set`, each once; there is one profile, and the larger one has it. */
export function settingsFrom(lines: readonly string[]): string[] {
  const all = [...new Set(lines)];
  return all.filter((line) => line !== MINIMAL || !all.includes('profile=default'));
}

const MINIMAL = 'profile=minimal';

/** The calls of istioctl that make a mesh: that of the control plane first. */
export function installsOf({ form, features }: Mesh): (readonly string[])[] {
  const settings = settingsFrom([MINIMAL, ...features.flatMap((name) => featureOf(name).settings ?? [])]);
  const chosen = form === 'default' ? [] : ['--revision', form];
  return [
    ['install', ...settings.flatMap((line) => ['--set', line]), ...chosen, '-y'],
    ...features.flatMap((name) => {
      const args = featureOf(name).install?.(form);
      return args === undefined ? [] : [args];
    }),
  ];
}

/** Those that a mesh needs which was installed without any setting. */
export function installsBeside(mesh: Mesh): (readonly string[])[] {
  const all = installsOf(mesh);
  const [plain] = installsOf({ ...mesh, features: [] });
  return String(all[0]) === String(plain) ? all.slice(1) : all;
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
      for (const args of installsOf(mesh)) await world.istioctl(FROM.version, args);
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
      timeoutMs: ISTIOCTL_MS,
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
