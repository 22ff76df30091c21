import type { Cluster } from '../cluster/cluster.ts';

/**
 * What a run took, for its debug log: `npm run bench` reads it there.
 *
 * @param clusters all by which it asked; the same connection counts once
 * @param peakKb the most memory that this process had, in KiB
 */
export function usageOf(clusters: readonly Pick<Cluster, 'requests' | 'received'>[], peakKb: number): string {
  const ways = [...new Map(clusters.map((cluster) => [cluster.received, cluster])).values()];
  const sum = (of: (cluster: (typeof ways)[number]) => number): number =>
    ways.reduce((total, cluster) => total + of(cluster), 0);
  const requests = sum((way) => Object.values(way.requests).reduce((total, count) => total + count, 0));
  const objects = sum(({ received }) => received.objects);
  const megabytes = sum(({ received }) => received.bytes) / 1e6;
  return `used: ${String(requests)} requests, ${String(objects)} objects listed, ${megabytes.toFixed(1)} MB of answers, at most ${(peakKb / 1024).toFixed(0)} MB of memory`;
}
