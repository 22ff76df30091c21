import { type IncomingMessage, type ServerResponse, createServer, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type Duplex, pipeline } from 'node:stream';
import { type Fence, fenced, passage } from './fence.ts';
import { connections, exchange, listenOnLoopback } from './loopback.ts';
import { type Endpoint, endpointOf, means } from './server.ts';
import { dial, throughProxy } from './tunnel.ts';

/** A way to the API server that can be cut. */
export interface Relay {
  /** For a kubeconfig: as its `proxy-url`, or as its server where it carries who asks, too (`openGateway`). */
  readonly url: string;
  readonly close: () => void;
}

/** The far end: the API server, and the proxy before it if there is one. */
export interface Destination {
  /** `https://host:port/…` of the kubeconfig, or `http://…`. */
  readonly server: string;
  /** An `http://` or `https://` proxy, or undefined. */
  readonly proxy: string | undefined;
}

/**
 * Opens a proxy on loopback that leads to one API server only. istioctl, which outlives our own requests and can't be
 * fenced by a precondition, reaches the server through it; when the lock is lost, nothing more comes through (promise 4).
 *
 * TLS stays between istioctl and the server: only connections are carried, nothing is read. To a server without TLS
 * whole requests are carried, as HTTP proxies do.
 *
 * @param fence asked for each connection and for each piece that goes up, so a process that was frozen and wakes after a
 * takeover forwards nothing of what had piled up. While it makes wait, what goes up waits
 */
export async function openRelay(destination: Destination, fence: Fence): Promise<Relay> {
  const server = new URL(destination.server);
  const end = endpointOf(destination.server);
  const target = `${server.hostname}:${String(end.port)}`;
  const open = connections();

  async function carry(client: Duplex, head: Buffer): Promise<void> {
    const upstream = await dial(target, destination.proxy);
    open.keep(upstream);
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) client.unshift(head);
    const finish = (): void => {
      client.destroy();
      upstream.destroy();
    };
    pipeline(client, fenced(fence), upstream, (error) => {
      if (error) finish();
    });
    client.on('close', finish);
    upstream.on('close', finish);
    upstream.pipe(client);
  }

  const proxy = createServer((asked, response) => {
    if (server.protocol !== 'http:' || !isFor(asked.url ?? '', end)) {
      response.writeHead(405).end('this proxy only carries connections to one API server\n');
      return;
    }
    hand(asked, response, { destination, fence }).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  proxy.on('connect', (incoming, client, head) => {
    if (!means(incoming.url ?? '', end)) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const refuse = (error: unknown, status: number): void => {
      const words = error instanceof Error ? error.message.replace(/\s+/g, ' ') : '';
      client.end(`HTTP/1.1 ${status} ${words}\r\n\r\n`);
    };
    passage(fence).then(
      () => carry(client, head).catch((error: unknown) => refuse(error, 502)),
      (error: unknown) => refuse(error, 403),
    );
  });
  const { origin, close } = await listenOnLoopback(proxy, open);
  return { url: origin, close };
}

/** Whether a whole request, as proxies are sent it, is for this endpoint. */
function isFor(url: string, { host, port }: Endpoint): boolean {
  if (!URL.canParse(url) || new URL(url).protocol !== 'http:') return false;
  const asked = endpointOf(url);
  return asked.host === host && asked.port === port;
}

/** Carries one request to a server without TLS. */
async function hand(
  asked: IncomingMessage,
  response: ServerResponse,
  { destination, fence }: { readonly destination: Destination; readonly fence: Fence },
): Promise<void> {
  await passage(fence);
  const { method, headers } = asked;
  const url = new URL(asked.url ?? '', destination.server);
  const way =
    destination.proxy === undefined
      ? {
          host: url.hostname,
          port: url.port === '' ? 80 : url.port,
          path: url.pathname + url.search,
          headers,
        }
      : throughProxy(destination.proxy, url.href, headers);
  const request = destination.proxy?.startsWith('https:') === true ? requestHttps : requestHttp;
  await exchange(asked, response, { upstream: request({ ...way, method, agent: false }), fence });
}
