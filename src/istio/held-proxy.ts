import { dialectOf } from './dialect.ts';
import type { Sides } from './side.ts';
import { tryParseVersion } from './version.ts';

/**
 * Whether the newer release's injector can give out the older one's proxy, so that proxies go down before their istiod
 * (H40). It can where both are told the same way where istiod is: its template is of the newer release.
 */
export function canHoldProxies({ from, to }: Sides): boolean {
  const [one, other] = [from, to].map(({ version }) => {
    const parsed = tryParseVersion(version);
    return parsed === undefined ? undefined : dialectOf(parsed).proxyIsToldBy;
  });
  return one === other || one === undefined || other === undefined;
}
