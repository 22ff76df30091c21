import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Audit } from './api/audit.ts';
import { patched } from './api/verbs.ts';
import { type Cluster, MASTERS, startCluster } from './cluster.ts';
import { isReady } from './controllers/pod-status.ts';
import { DELAYS, type Delays } from './delays.ts';
import { KINDS, type Kind, WORKLOADS, apiVersionOf, definedBy } from './kinds.ts';
import type { Draft, KubeObject, Pod, Workload } from './objects.ts';
import { type Mirror, startMirror } from './release/mirror.ts';
import { programOf } from './release/program.ts';

/** What a cluster is to be. */
export interface EmbeddedOptions {
  /** Revision of the mesh; `default` (the default) is the unrevisioned install, and an empty text no mesh at all. */
  readonly revision?: string;
  /** Release that is installed; default the first of `versions`. */
  readonly version?: string;
  /** Releases whose istioctl and images there are; 1.5 and later. */
  readonly versions?: readonly string[];
  /** Version of Kubernetes, such as `v1.21.14`: an older one serves some kinds in older versions. Default the testbed's. */
  readonly kubernetes?: string;
  /** Objects to create once the mesh is there, such as `shop(revision)` of the testbed. */
  readonly objects?: readonly object[];
  /** Users beside `admin`, with their groups; they may what roles that are bound to them say. Default `nobody`. */
  readonly users?: Readonly<Record<string, readonly string[]>>;
  readonly delays?: Partial<Delays>;
}

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A cluster that runs in this process. */
export interface Embedded {
  /** `https://127.0.0.1:port`. */
  readonly server: string;
  /** Content of a kubeconfig, with a bearer token and everything embedded; the context is `embedded`. */
  kubeconfig(user: string): string;
  /** For the input `istioctl-base-url`; below `/corrupt` the checksums are wrong. */
  readonly mirror: string;
  /** An empty directory for RUNNER_TOOL_CACHE: a stand-in must not get into the cache of real programs. */
  readonly toolCache: string;
  readonly audit: Audit;
  /** Calls after each change of an object, until the function that it gives back is called. */
  watch(listener: () => void): () => void;
  /** The istiod that a pod's proxy has a stream to; undefined while it has none. */
  istiodOf(pod: KubeObject): Pod | undefined;
  /** Every object there is, pods too. */
  snapshot(): KubeObject[];
  /**
   * Puts the cluster back to a snapshot of it, of the kinds that are always served: whatever came since has gone, and all
   * pods start again, as after a loss of power. Waits until all is ready.
   */
  restore(snapshot: readonly KubeObject[]): Promise<void>;
  get<K extends KindName>(kind: K, name: string, namespace?: string): ObjectOf<K> | undefined;
  list<K extends KindName>(kind: K, namespace?: string): ObjectOf<K>[];
  /** Creates an object, as `kubectl create` does. */
  create(object: object): KubeObject;
  /** Changes an object by a merge patch, as `kubectl patch --type=merge` does. */
  patch(kind: KindName, name: string, namespace: string | undefined, patch: object): KubeObject;
  remove(kind: KindName, name: string, namespace?: string): void;
  /** Runs the stand-in for istioctl of a version as `admin`. */
  istioctl(version: string, ...args: readonly string[]): Promise<Ended>;
  /** Waits until every workload's rollout has ended and all its pods are ready. */
  settled(timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** A kind that is always served, by its name. */
export type KindName = keyof typeof KINDS;

/** What objects of a kind are. */
export type ObjectOf<K extends KindName> = NonNullable<(typeof KINDS)[K]['objects']>;

/** The releases that stand-ins are there for. */
export const VERSIONS: readonly string[] = ['1.30.3', '1.30.4', '1.31.0', '1.32.0'];

const SETTLE_MS = 60_000;

/** Starts a cluster with Istio and the given objects in it, and waits until all is ready. */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<Embedded> {
  const { versions = VERSIONS, revision = 'default', objects = [] } = options;
  const users = { admin: [MASTERS], ...(options.users ?? { nobody: [] }) };
  const dir = mkdtempSync(join(tmpdir(), 'embedded-cluster-'));
  const cluster = await startCluster(versions, users, { ...DELAYS, ...options.delays }, options.kubernetes);
  const mirror = await startMirror(versions);
  const embedded = new RunningCluster(cluster, mirror, dir);
  try {
    if (revision !== '') await embedded.installIstio(options.version ?? versions[0] ?? '', revision);
    objects.forEach((object) => embedded.create(object));
    await embedded.settled();
    return embedded;
  } catch (error) {
    await embedded.close();
    throw error;
  }
}

class RunningCluster implements Embedded {
  readonly #cluster: Cluster;
  readonly #mirror: Mirror;
  readonly #dir: string;
  readonly toolCache: string;

  constructor(cluster: Cluster, mirror: Mirror, dir: string) {
    this.#cluster = cluster;
    this.#mirror = mirror;
    this.#dir = dir;
    this.toolCache = join(dir, 'tool-cache');
    writeFileSync(join(dir, 'admin.kubeconfig'), this.kubeconfig('admin'), { mode: 0o600 });
  }

  get server(): string {
    return this.#cluster.server.url;
  }

  get mirror(): string {
    return this.#mirror.url;
  }

  get audit(): Audit {
    return this.#cluster.audit;
  }

  kubeconfig(user: string): string {
    const token = this.#cluster.tokens.get(user);
    if (token === undefined) throw new Error(`there is no user ${user}`);
    const authority = Buffer.from(this.#cluster.certificate.certificate).toString('base64');
    return stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'embedded',
      contexts: [{ name: 'embedded', context: { cluster: 'embedded', user } }],
      clusters: [
        { name: 'embedded', cluster: { server: this.server, 'certificate-authority-data': authority } },
      ],
      users: [{ name: user, user: { token } }],
    });
  }

  watch(listener: () => void): () => void {
    return this.#cluster.store.subscribe(listener);
  }

  istiodOf({ metadata: { uid } }: KubeObject): Pod | undefined {
    const istiod = this.#cluster.proxies.istiodOf(uid);
    return istiod === undefined
      ? undefined
      : this.#cluster.store.get(KINDS.Pod, istiod.namespace, istiod.pod);
  }

  snapshot(): KubeObject[] {
    return this.#cluster.store.everything();
  }

  async restore(snapshot: readonly KubeObject[]): Promise<void> {
    const { store } = this.#cluster;
    const kindOf = ({ kind }: KubeObject): Kind => {
      if (!(kind in KINDS)) throw new Error(`${kind} is not a kind that can be put back`);
      return KINDS[kind as KindName];
    };
    const all = snapshot.map((object) => [kindOf(object), object] as const);
    for (const object of store.everything()) store.remove(kindOf(object), object);
    for (const [kind, object] of all) store.put(kind, kind === KINDS.Pod ? unstarted(object) : object);
    await this.settled();
  }

  get<K extends KindName>(kind: K, name: string, namespace?: string): ObjectOf<K> | undefined {
    const of: Kind = KINDS[kind];
    return this.#cluster.store.get(of, namespace, name);
  }

  list<K extends KindName>(kind: K, namespace?: string): ObjectOf<K>[] {
    const of: Kind = KINDS[kind];
    return this.#cluster.store.list(of, namespace);
  }

  create(object: object): KubeObject {
    const draft = object as Draft;
    const kind = this.#kindOf(draft);
    if (kind === undefined) throw new Error(`${draft.kind ?? 'an object without kind'} is not served`);
    return this.#cluster.verbs.create({ kind, namespace: draft.metadata?.namespace }, draft, {
      dryRun: false,
    });
  }

  /** One that is always served, or that a CustomResourceDefinition defines. */
  #kindOf({ apiVersion, kind: name = '' }: Draft): Kind | undefined {
    if (name in KINDS) return KINDS[name as KindName];
    const defined = this.#cluster.store.list(KINDS.CustomResourceDefinition).flatMap(definedBy);
    return defined.find((kind) => kind.kind === name && apiVersionOf(kind) === apiVersion);
  }

  patch(kind: KindName, name: string, namespace: string | undefined, patch: object): KubeObject {
    return this.#cluster.verbs.update({ kind: KINDS[kind], namespace }, name, patched(patch), {
      dryRun: false,
    });
  }

  remove(kind: KindName, name: string, namespace?: string): void {
    this.#cluster.verbs.remove({ kind: KINDS[kind], namespace }, name, { dryRun: false });
  }

  istioctl(version: string, ...args: readonly string[]): Promise<Ended> {
    const path = join(this.#dir, `istioctl-${version}`);
    if (!existsSync(path)) writeFileSync(path, programOf(version), { mode: 0o755 });
    const inherited = Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS');
    const child = spawn(path, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...Object.fromEntries(inherited), KUBECONFIG: join(this.#dir, 'admin.kubeconfig') },
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => (output[name] += chunk.toString()));
    }
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...output }));
    });
  }

  async installIstio(version: string, revision: string): Promise<void> {
    const chosen = revision === 'default' ? [] : ['--revision', revision];
    const words = Number(version.split('.')[1]) < 6 ? ['manifest', 'apply', '--wait'] : ['install'];
    const { code, stderr } = await this.istioctl(
      version,
      ...words,
      '--set',
      'profile=minimal',
      ...chosen,
      '-y',
    );
    if (code !== 0) throw new Error(`istioctl install ended with ${String(code)}: ${stderr}`);
  }

  async settled(timeoutMs = SETTLE_MS): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (let unsettled = this.#unsettled(); unsettled.length > 0; unsettled = this.#unsettled()) {
      if (Date.now() > deadline) throw new Error(`not ready after ${timeoutMs} ms: ${unsettled.join(', ')}`);
      await sleep(10);
    }
  }

  #unsettled(): string[] {
    const { store } = this.#cluster;
    const seen = WORKLOADS.flatMap((kind) => store.list(kind)).filter((workload) => !isDone(workload));
    const pods = store.list(KINDS.Pod).filter((pod) => !isReady(pod));
    return [...seen, ...pods].map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#cluster.close(), this.#mirror.close()]);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** A pod as it is before its kubelet has seen it. */
function unstarted(pod: KubeObject): KubeObject {
  return Object.fromEntries(
    Object.entries(pod).filter(([field]) => field !== 'status'),
  ) as unknown as KubeObject;
}

/** Whether as many pods of the newest template are ready as are wanted, and no others there, by its own account. */
function isDone({ kind, metadata, spec, status = {} }: Workload): boolean {
  const count = (name: string): number => Number(status[name] ?? 0);
  const [wanted, ...counts] =
    kind === 'DaemonSet'
      ? ['desiredNumberScheduled', 'currentNumberScheduled', 'updatedNumberScheduled', 'numberReady'].map(
          count,
        )
      : [spec.replicas, ...['replicas', 'updatedReplicas', 'readyReplicas'].map(count)];
  return status.observedGeneration === metadata.generation && counts.every((is) => is === wanted);
}
