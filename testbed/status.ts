import { countPods } from './cluster.ts';
import { networkExists } from './network.ts';
import { placeOf } from './place.ts';
import { alive } from './process.ts';
import { clusterNames, readState } from './state.ts';

/** Describes every cluster: its parts, and its pods. */
export async function status(): Promise<string> {
  const names = clusterNames();
  if (names.length === 0) return 'no cluster is up';
  return (await Promise.all(names.map(describe))).join('\n');
}

async function describe(name: string): Promise<string> {
  const place = placeOf(name);
  const state = readState(place);
  if (state === undefined) return `${name}: interrupted before it began; take it down`;
  const lines = [
    `${name}: ${state.ready ? 'up' : 'not up'}, Istio ${state.releases.join(' and ')}, files in ${place.dir}`,
    ...state.parts.map(
      (part) =>
        `  ${part.name.padEnd(24)} ${String(part.pid).padStart(7)}  ${alive(part) ? 'running' : 'ENDED'}`,
    ),
  ];
  const network = state.network;
  if (network === undefined || !networkExists(network))
    return [...lines, '  its network is gone; take it down'].join('\n');
  const pods = await countPods(network, place).catch(() => undefined);
  lines.push(
    pods === undefined ? '  the API server does not answer' : `  pods ready: ${pods.ready} of ${pods.wanted}`,
  );
  return lines.join('\n');
}
