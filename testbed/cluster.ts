import { setTimeout as sleep } from 'node:timers/promises';
import type { Network } from './network.ts';
import { enter } from './network.ts';
import type { Place } from './place.ts';
import { must, run, type Argv, type Finished } from './process.ts';
import type { KubernetesObject } from './shop.ts';

/** Says what the testbed is doing. */
export type Say = (line: string) => void;

/** Runs a command inside the cluster's network, as its administrator. */
export function inside(network: Network, place: Place, argv: Argv, input?: string): Promise<Finished> {
  return run(enter(network, argv), {
    env: environment(place),
    cwd: place.dir,
    ...(input === undefined ? {} : { input }),
  });
}

/** The same for a command that must succeed. */
export function mustInside(network: Network, place: Place, argv: Argv, input?: string): Promise<string> {
  return must(enter(network, argv), {
    env: environment(place),
    cwd: place.dir,
    ...(input === undefined ? {} : { input }),
  });
}

/** Our environment with the cluster's tools and credentials. */
export function environment(place: Place): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${place.bin}:${process.env.PATH ?? ''}`,
    KUBECONFIG: place.kubeconfig('admin'),
  };
}

/** Waits until the API server answers and has made what every namespace needs. */
export async function untilServing(network: Network, place: Place, check: () => void): Promise<void> {
  await until(90_000, 'the API server', check, async () => {
    const { code } = await inside(network, place, ['kubectl', 'get', '--raw', '/readyz']);
    return code === 0;
  });
}

/** Creates objects: many of them in several batches at once, since one kubectl sends 50 requests a second. */
export async function create(
  network: Network,
  place: Place,
  objects: readonly KubernetesObject[],
): Promise<void> {
  const isNamespace = (object: KubernetesObject) => object.kind === 'Namespace';
  const batches = 4;
  await apply(network, place, objects.filter(isNamespace));
  const others = objects.filter((object) => !isNamespace(object));
  await Promise.all(
    Array.from({ length: batches }, (_, i) =>
      apply(
        network,
        place,
        others.filter((_, j) => j % batches === i),
      ),
    ),
  );
}

async function apply(network: Network, place: Place, items: readonly KubernetesObject[]): Promise<void> {
  if (items.length === 0) return;
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await mustInside(network, place, ['kubectl', 'apply', '--validate=false', '-f', '-'], list);
}

/** How many pods the workloads want, and how many are ready. */
export interface Pods {
  readonly wanted: number;
  readonly ready: number;
}

interface WorkloadList {
  items: {
    spec: { replicas?: number };
    status: {
      readyReplicas?: number;
      updatedReplicas?: number;
      numberReady?: number;
      desiredNumberScheduled?: number;
      observedGeneration?: number;
    };
    metadata: { generation: number };
  }[];
}

/** Counts the pods of all workloads from the workloads' own status, which stays cheap in a big mesh. */
export async function countPods(network: Network, place: Place): Promise<Pods> {
  const text = await mustInside(network, place, [
    'kubectl',
    'get',
    'deployments,statefulsets,daemonsets',
    '-A',
    '-o',
    'json',
  ]);
  let [wanted, ready] = [0, 0];
  for (const { spec, status, metadata } of (JSON.parse(text) as WorkloadList).items) {
    const observed = status.observedGeneration === metadata.generation;
    wanted += spec.replicas ?? (observed ? (status.desiredNumberScheduled ?? 0) : 1);
    ready += observed ? (status.readyReplicas ?? status.numberReady ?? 0) : 0;
  }
  return { wanted, ready };
}

/** Waits until every pod is ready. */
export async function untilPodsReady(
  network: Network,
  place: Place,
  expected: number,
  say: Say,
  check: () => void,
): Promise<Pods> {
  let pods: Pods = { wanted: 0, ready: 0 };
  let last = Date.now();
  await until(120_000 + 200 * expected, 'the pods', check, async () => {
    pods = await countPods(network, place);
    if (Date.now() - last > 5_000) say(`pods ready: ${pods.ready} of ${pods.wanted}`);
    if (Date.now() - last > 5_000) last = Date.now();
    return pods.wanted > 0 && pods.ready === pods.wanted;
  });
  return pods;
}

/** Probes until it succeeds; a probe that is expensive, as in a big mesh, is made less often. */
export async function until(
  timeout: number,
  what: string,
  check: () => void,
  probe: () => Promise<boolean>,
): Promise<void> {
  const end = Date.now() + timeout;
  for (;;) {
    const started = Date.now();
    if (await probe()) return;
    check();
    if (Date.now() > end) throw new Error(`waited ${timeout / 1000} s in vain for ${what}`);
    await sleep(Math.max(200, 2 * (Date.now() - started)));
  }
}
