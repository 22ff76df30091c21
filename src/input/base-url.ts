import { Rejection } from '../input-error.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Where istioctl comes from, without a slash at the end. Throws a `Rejection`, which does not show the URL: it may
 * hold a password. The checksum comes from the same place, so over plain HTTP it would prove nothing.
 */
export function readBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const flaw = url === undefined ? 'something that is no URL' : flawOf(url);
  if (flaw === undefined) return text.replace(/\/+$/, '');
  throw new Rejection(flaw, 'allowed is an https:// URL without user, password, query and fragment.');
}

function flawOf(url: URL): string | undefined {
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  if (!secure) return `a URL that begins with ${url.protocol}//`;
  // It is written into the cluster's record, where a credential would be read by others.
  if (url.username !== '' || url.password !== '') return 'a URL with a user or password';
  return url.search !== '' || url.hash !== '' ? 'a URL with a query or fragment' : undefined;
}
