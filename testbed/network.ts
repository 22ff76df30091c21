import { createHash } from 'node:crypto';
import { existsSync, readlinkSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateRoot } from './place.ts';
import {
  alive,
  must,
  networkOf,
  processesIn,
  run,
  startDetached,
  type Argv,
  type Tracked,
} from './process.ts';
import { Refusal } from './refusal.ts';

/** Addresses inside the namespace. Every pod address is local, so a process can listen on its pod's own. */
export const addresses = {
  node: '10.10.0.1',
  ethernet: '10.10.0.2/24',
  pods: '10.244.0.0/16',
  services: '10.96.0.0/16',
};

/**
 * A private network namespace: nothing in it can reach the machine's network, nor be reached from it. As root it
 * has a name (`ip netns`); without root it lives in a user namespace, held by a process that sleeps.
 */
export interface Network {
  readonly name: string;
  readonly identity: string;
  readonly holder?: Tracked;
}

/** Makes a namespace whose name says whose it is. */
export async function createNetwork(cluster: string, logFile: string): Promise<Network> {
  const name = networkName(cluster);
  const network = process.getuid?.() === 0 ? await createNamed(name) : undefined;
  const made = network ?? (await createHeld(name, logFile));
  try {
    await configure(made);
  } catch (error) {
    await removeNetwork(made);
    throw error;
  }
  return made;
}

/** The command that runs argv inside; it replaces itself, so that the process id is that of argv. */
export function enter(network: Network, argv: Argv): Argv {
  if (network.holder === undefined) return ['ip', 'netns', 'exec', network.name, ...argv];
  const holder = String(network.holder.pid);
  return [
    'nsenter',
    '--target',
    holder,
    '--user',
    '--preserve-credentials',
    '--net',
    '--mount',
    '--',
    ...argv,
  ];
}

/** Whether the namespace is still there. */
export function networkExists(network: Network): boolean {
  if (network.holder !== undefined) return alive(network.holder);
  return identityOfNamed(network.name) === network.identity;
}

/** Everything that runs inside. */
export function inhabitants(network: Network): Tracked[] {
  return networkExists(network) ? processesIn(network.identity) : [];
}

/** A namespace that an interrupted `up` left before it could write down that it has made one. */
export function strayNetwork(cluster: string): Network | undefined {
  const name = networkName(cluster);
  const identity = identityOfNamed(name);
  return identity === undefined ? undefined : { name, identity };
}

/** Removes an empty namespace. */
export async function removeNetwork(network: Network): Promise<void> {
  if (network.holder !== undefined) {
    if (alive(network.holder)) process.kill(network.holder.pid, 'SIGKILL');
  } else if (existsSync(fileOf(network.name))) {
    await must(['ip', 'netns', 'delete', network.name]);
  }
}

/** Names of namespaces are the machine's; ours say in which folder their cluster is written down. */
function networkName(cluster: string): string {
  const folder = createHash('sha256').update(stateRoot()).digest('hex').slice(0, 8);
  return `istio-upgrade-testbed-${folder}-${cluster}`;
}

function fileOf(name: string): string {
  return `/run/netns/${name}`;
}

function identityOfNamed(name: string): string | undefined {
  try {
    return `net:[${statSync(fileOf(name)).ino}]`;
  } catch {
    return undefined;
  }
}

async function createNamed(name: string): Promise<Network | undefined> {
  const { code, stderr } = await run(['ip', 'netns', 'add', name]);
  if (code === 127 && stderr.includes('ENOENT'))
    throw new Refusal('The testbed needs the ip command (package iproute2), and there is none on PATH.');
  if (code !== 0) return undefined; // root without the right: a container; try as if not root
  const identity = identityOfNamed(name);
  if (identity === undefined) throw new Error(`ip netns add ${name} made nothing`);
  return { name, identity };
}

async function createHeld(name: string, logFile: string): Promise<Network> {
  const argv: Argv = ['unshare', '--user', '--map-root-user', '--net', '--mount', 'sleep', 'infinity'];
  let holder: Tracked | undefined;
  try {
    holder = startDetached('network', argv, logFile, '/');
  } catch {
    // no unshare: refused below
  }
  const outside = readlinkSync('/proc/self/ns/net');
  for (let left = 40; left > 0 && holder !== undefined && alive(holder); left--) {
    const identity = networkOf(holder.pid);
    if (identity !== undefined && identity !== outside) return { name, identity, holder };
    await sleep(50);
  }
  throw new Refusal(
    'The testbed needs the right to make a network namespace: run it as root, or allow unprivileged user namespaces (util-linux unshare).',
  );
}

async function configure(network: Network): Promise<void> {
  const commands = [
    'link set lo up',
    `address add ${addresses.node}/32 dev lo`,
    `route add local ${addresses.pods} dev lo`,
    'link add testbed0 type veth peer name testbed1', // istioctl wants an address that is not loopback's
    `address add ${addresses.ethernet} dev testbed0`,
    'link set testbed0 up',
    'link set testbed1 up',
  ];
  for (const command of commands) await must(enter(network, ['ip', ...command.split(' ')]));
}
