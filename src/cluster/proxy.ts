import { BlockList, isIP } from 'node:net';

/** The proxy that the environment names for a server, or undefined. Follows curl's and Go's conventions. */
export function proxyFor(server: string, environment: NodeJS.ProcessEnv): string | undefined {
  const url = new URL(server);
  const read = (name: string): string | undefined =>
    nonEmpty(environment[name.toUpperCase()]) ?? nonEmpty(environment[name]);
  const proxy = url.protocol === 'https:' ? read('https_proxy') : read('http_proxy');
  if (proxy === undefined || isLoopback(url.hostname)) return undefined;
  const excluded = (read('no_proxy') ?? '').split(',').map((entry) => entry.trim());
  if (excluded.some((entry) => entry !== '' && excludes(entry, url))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** One entry of NO_PROXY: `*`, a name and all below it, an address or a range of them, each perhaps with a port. */
function excludes(entry: string, { hostname, port, protocol }: URL): boolean {
  if (entry === '*') return true;
  const address = hostname.replace(/^\[|\]$/g, '');
  const [, network = '', bits] = /^(.+)\/(\d+)$/.exec(entry) ?? [];
  if (bits !== undefined && isIP(network) !== 0) return isWithin(address, network, Number(bits));
  const [, name = entry, only] = /^(.+?):(\d+)$/.exec(isIP(entry) === 6 ? '' : entry) ?? [];
  const own = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  if (only !== undefined && only !== own) return false;
  const host = name
    .replace(/^\*?\./, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  return address === host || (isIP(address) === 0 && address.endsWith(`.${host}`));
}

function isWithin(address: string, network: string, bits: number): boolean {
  const family = isIP(address);
  if (family === 0 || family !== isIP(network)) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  if (bits > (family === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, type);
  return list.check(address, type);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
