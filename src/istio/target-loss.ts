import type { Finding } from '../finding.ts';
import { type Weighed, isAcknowledged, lostSettings, saidOf } from './configuration-loss.ts';
import type { Mesh } from './mesh.ts';
import { withinLimits } from './setting-differences.ts';

/** How many proxies are on a revision: what is installed over it is theirs at once. */
export function proxiesOn({ pods }: Pick<Mesh, 'pods'>, revision: string): number {
  return pods.filter((pod) => pod.revision === revision && !pod.terminating).length;
}

/** That many proxies, as the subject of a sentence. */
export function proxiesAre(count: number): string {
  return count === 1 ? '1 proxy is' : `${String(count)} proxies are`;
}

/**
 * What the target has, and installing it again takes from it or changes: by a set line that was forgotten, or because
 * somebody has set it by hand since. Where proxies are on the target it is in use: an error each, unless it is acknowledged.
 * Where none is, the canary is still being made, and it goes on with a warning.
 *
 * @param proxies how many are on the target
 */
export function targetLoses(
  weighed: Omit<Weighed, 'leaving'>,
  { proxies, acknowledged }: { readonly proxies: number; readonly acknowledged: readonly string[] },
): Finding[] {
  // The release is the same before and after, and so explains no difference. What would only come is lost to nobody.
  const lost = lostSettings({ ...weighed, leaving: new Map() }).filter(({ is }) => is !== undefined);
  const stops = ({ key }: { readonly key: string }): boolean =>
    proxies > 0 && !isAcknowledged(key, acknowledged);
  const told = (severity: 'error' | 'warning', some: typeof lost): Finding[] =>
    withinLimits(some).map(({ key, differences, more }) => ({
      id: 'target-would-lose-configuration',
      severity,
      object: key,
      message: `of the target control plane, which is there already${proxies > 0 ? ` (${proxiesAre(proxies)} on it)` : ''}: ${saidOf(key, differences)}${more}`,
      remedy:
        severity === 'error'
          ? 'If it is to stay, give config and set that have it: those that the target was installed with, and what was set by hand since. If it may go, name it in acknowledge, a line each, and run canary again.'
          : 'Nothing, if it may go. If not, give config and set that have it, and run canary again.',
    }));
  return [
    ...told('error', lost.filter(stops)),
    ...told(
      'warning',
      lost.filter((one) => !stops(one)),
    ),
  ];
}
