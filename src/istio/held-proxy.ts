import type { Release } from '../record/record.ts';
import { dialectOfText } from './dialect.ts';

/**
 * Whether the newer release's injector can give out the older one's proxy, so that proxies go down before their istiod
 * (H40). It can where both are told the same way where istiod is: its template is of the newer release.
 */
export function canHoldProxies({ from, to }: Record<'from' | 'to', Pick<Release, 'version'>>): boolean {
  const [one, other] = [from, to].map(({ version }) => dialectOfText(version)?.proxyIsToldBy);
  return one === other || one === undefined || other === undefined;
}
