import { rmSync } from 'node:fs';
import type { Say } from './cluster.ts';
import { tryLock, unlock } from './lock.ts';
import { inhabitants, removeNetwork, strayNetwork } from './network.ts';
import { placeOf } from './place.ts';
import { killAll } from './process.ts';
import { Refusal } from './refusal.ts';
import { readState, removeEmptyRoot } from './state.ts';

/** Takes a cluster down, whatever is left of it. */
export async function down(name: string, say: Say): Promise<void> {
  const { lock } = placeOf(name);
  const holder = tryLock(lock);
  if (holder !== undefined)
    throw new Refusal(`Another up or down of ${name} is running (process ${holder.pid}).`);
  try {
    say((await remove(name)) ? `${name} is down` : `${name} is not up`);
  } finally {
    unlock(lock);
    removeEmptyRoot();
  }
}

/** Removes processes, network and files of a cluster; says whether there was anything. */
export async function remove(name: string): Promise<boolean> {
  const place = placeOf(name);
  const state = readState(place);
  const network = state?.network ?? strayNetwork(name);
  const parts = state?.parts ?? [];
  await killAll(() => [...parts, ...(network === undefined ? [] : inhabitants(network))]);
  if (network !== undefined) await removeNetwork(network);
  rmSync(place.dir, { recursive: true, force: true });
  return state !== undefined || network !== undefined;
}
