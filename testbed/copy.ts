import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { countPods, inside, mustInside, until, untilPodsReady, untilServing, type Say } from './cluster.ts';
import { inhabitants, type Network } from './network.ts';
import { placeOf, type Place } from './place.ts';
import { alive, killAll, type Argv, type Tracked } from './process.ts';
import { Refusal } from './refusal.ts';
import { insistAlive, readState, startPart, writeState, type RunningPart, type State } from './state.ts';

/** Parts that hold nothing of the cluster's content, and so need not start again. */
const STATELESS = ['mirror', 'network'];
const STORE = ['etcd', 'kube-apiserver'];

/**
 * Keeps a copy of everything that is in the cluster, under a name. The store stands still for the moment that takes,
 * so the copy is of one time; the cluster does not notice.
 */
export function save(cluster: string, copy: string): void {
  const { place, state } = known(cluster);
  const store = state.parts.find(({ name }) => name === 'etcd');
  if (store === undefined || !alive(store)) throw new Refusal(`The store of ${cluster} does not run.`);
  const target = pathOf(place, copy);
  rmSync(target, { recursive: true, force: true });
  process.kill(store.pid, 'SIGSTOP');
  try {
    cpSync(join(place.dir, 'etcd'), target, { recursive: true });
  } finally {
    process.kill(store.pid, 'SIGCONT');
  }
}

/**
 * Puts the cluster back to a copy: all that runs in it ends, the store gets the copy's content, and the same parts start
 * again. What is not in the store stays as it is: keys, audit log, mirror.
 */
export async function restore(cluster: string, copy: string, say: Say): Promise<void> {
  const { place, state, network } = known(cluster);
  const source = pathOf(place, copy);
  if (!existsSync(source)) throw new Refusal(`There is no copy ${copy} of ${cluster}.`);
  const stays = state.parts.filter(({ name }) => STATELESS.includes(name));
  await endAllBut(
    [...stays, ...(network.holder === undefined ? [] : [network.holder])],
    state.parts,
    network,
  );
  rmSync(join(place.dir, 'etcd'), { recursive: true, force: true });
  cpSync(source, join(place.dir, 'etcd'), { recursive: true });

  const started: RunningPart[] = [];
  const start = ({ name, argv }: RunningPart): void => {
    started.push(startPart(place, name, argv));
    writeState(place, { ...state, parts: [...stays, ...started] });
  };
  const check = (): void => {
    insistAlive(place, started);
  };
  const moving = state.parts.filter(({ name }) => !STATELESS.includes(name));
  moving.filter(({ name }) => STORE.includes(name)).forEach(start);
  await untilServing(network, place, check);
  moving.filter(({ name }) => !STORE.includes(name)).forEach(start);
  await untilIstiodsServe(network, place, check);
  // A proxy is ready once it has had its configuration anew: only then what the status says is of now.
  const { wanted } = await countPods(network, place);
  if (wanted > 0) await untilPodsReady(network, place, wanted, say, check);
}

/** The pods' status is of the time of the copy: whether istiod serves again, it must say itself. */
async function untilIstiodsServe(network: Network, place: Place, check: () => void): Promise<void> {
  const path = '{range .items[*]}{.metadata.namespace}/pods/{.metadata.name}{"\\n"}{end}';
  const list: Argv = ['kubectl', 'get', 'pods', '-A', '-l', 'app=istiod', '-o', `jsonpath=${path}`];
  const pods = (await mustInside(network, place, list)).split('\n').filter((path) => path !== '');
  for (const pod of pods) {
    await until(60_000, `istiod ${pod}`, check, async () => {
      const path = `/api/v1/namespaces/${pod}:8080/proxy/ready`;
      return (await inside(network, place, ['kubectl', 'get', '--raw', path])).code === 0;
    });
  }
}

async function endAllBut(
  stays: readonly Tracked[],
  parts: readonly Tracked[],
  network: Network,
): Promise<void> {
  const pids = new Set(stays.map(({ pid }) => pid));
  await killAll(() => [...parts, ...inhabitants(network)].filter(({ pid }) => !pids.has(pid)));
}

function known(cluster: string): { place: Place; state: State; network: Network } {
  const place = placeOf(cluster);
  const state = readState(place);
  if (state?.network === undefined) throw new Refusal(`There is no cluster ${cluster}.`);
  return { place, state, network: state.network };
}

function pathOf(place: Place, copy: string): string {
  return join(place.dir, 'copies', copy);
}
