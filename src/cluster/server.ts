import { isIPv6 } from 'node:net';

/** What a server's address is known by, however it is written: name without case and dot, address as its value. */
export interface Endpoint {
  /** As `URL.hostname` has it; an IPv6 address in brackets. */
  readonly host: string;
  readonly port: number;
}

const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** The endpoint of a URL whose form is {@link flawOfServer}'s. */
export function endpointOf(url: string): Endpoint {
  const { protocol, hostname, port } = new URL(url);
  return {
    host: hostname.replace(/\.$/, ''),
    port: port === '' ? (PORTS[protocol] ?? 443) : Number(port),
  };
}

/**
 * Whether a client that asks a proxy for `authority` means this endpoint (K01). client-go writes the host as the
 * kubeconfig has it: with capitals, with a trailing dot, an IPv6 address in any of its forms.
 *
 * @param authority `host:port` or `host` of a CONNECT request
 */
export function means(authority: string, { host, port }: Endpoint): boolean {
  // Go writes an address that has brackets with them; one that has not would be taken for a name with a port.
  const url = `https://${isIPv6(authority) ? `[${authority}]` : authority}`;
  if (!URL.canParse(url)) return false;
  const asked = new URL(url);
  const bare = asked.username === '' && asked.password === '' && asked.pathname === '/';
  const askedPort = asked.port === '' ? (authority.endsWith(':443') ? 443 : undefined) : Number(asked.port);
  return bare && asked.hostname.replace(/\.$/, '') === host && (askedPort ?? port) === port;
}

/** A URL with its scheme in small letters: client-node looks at the text, and takes `HTTPS:` for none of those it knows. */
export function withPlainScheme(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:/i, (scheme) => scheme.toLowerCase());
}

/**
 * What is wrong with a `server` of a kubeconfig; undefined where it is `http(s)://host[:port][/path]`. client-go takes
 * one without a scheme, too, and then speaks plain HTTP to it, or not, by what else there is: nobody means that (K04).
 */
export function flawOfServer(server: string): string | undefined {
  if (!/^https?:\/\//i.test(server)) {
    return /^[a-z][a-z0-9+.-]*:\/\//i.test(server)
      ? 'its scheme is neither https nor http'
      : 'host must be a URL: it begins without https://';
  }
  const { authority = '' } = /^[^:]+:\/\/(?<authority>[^/?#]*)/.exec(server)?.groups ?? {};
  if (authority.includes('%') && authority.includes('['))
    return 'an IPv6 address with a zone is not supported';
  if (
    !/^(?:[\w.~!$&'()*+,;=:%-]*@)?(?:\[[0-9a-f:.]+\]|[\p{L}\p{N}._-]+)(?::\d*)?$/iu.test(authority) ||
    !URL.canParse(server)
  ) {
    return 'host must be a URL: it holds no host name or address that can be read';
  }
  if (hasBadEscape(server)) return 'host must be a URL: it holds a % that begins no escape';
  return /[?#\s\\]/.test(server) ? 'it has a query, a fragment, a backslash or a space' : undefined;
}

/** Whether a `%` of a URL begins no escape: `URL` lets it stand, and Go refuses it. */
export function hasBadEscape(url: string): boolean {
  return /%(?![0-9a-f]{2})/i.test(url);
}
