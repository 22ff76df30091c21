import { randomBytes } from 'node:crypto';
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  createServer,
  request as requestHttp,
} from 'node:http';
import { request as requestHttps } from 'node:https';
import { type Duplex, pipeline } from 'node:stream';
import { type Credential, credentialOf } from './credential.ts';
import { type Fence, fenced, passage, passageOf } from './fence.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { connections, exchange, listenOnLoopback } from './loopback.ts';
import type { Relay } from './relay.ts';

/** As for our own requests: a token that rotates is seen. */
const CREDENTIAL_AGE_MS = 60_000;
/** Said of one connection and not of what it carries, or said by us instead: who asks. */
const NOT_CARRIED = /^(?:host|connection|keep-alive|proxy-.*|te|trailer|authorization|impersonate-.*)$/;

/**
 * Opens a server on loopback that carries each request to the API server as this Action itself: with its credential and
 * whom it acts as. For who acts with extra fields, which istioctl can be told neither by flags nor by a kubeconfig (K02).
 *
 * Everybody on this machine could ask it, so it answers only below a path that nobody can guess, which stands in the
 * kubeconfig of istioctl and is a secret as a token is.
 *
 * @param fence asked for each request and for each piece that goes up, as by the relay (promise 4)
 * @param onSecret told the secret path before it is used
 */
export async function openGateway(
  kubeconfig: Pick<Kubeconfig, 'config' | 'renewed' | 'destination'>,
  fence: Fence,
  onSecret?: (secret: string) => void,
): Promise<Relay> {
  const secret = randomBytes(32).toString('hex');
  onSecret?.(secret);
  const open = connections();
  const credential = remembered(kubeconfig);
  const base = kubeconfig.destination.server.replace(/\/$/, '');

  /** Where a request leads to; undefined for what does not know the secret. */
  const targetOf = ({ url = '' }: IncomingMessage): URL | undefined =>
    url.startsWith(`/${secret}/`) ? new URL(base + url.slice(secret.length + 1)) : undefined;

  async function ask(
    asked: IncomingMessage,
    url: URL,
    upgrade: boolean,
  ): Promise<ReturnType<typeof requestHttp>> {
    const { headers, auth, agent } = await credential.get();
    // Last of all: whatever comes before may have taken its time.
    await passage(fence);
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const carried = { ...carriedHeaders(asked.headers, upgrade), ...headers };
    return send(url, { method: asked.method, headers: carried, auth, agent });
  }

  async function carry(asked: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const upstream = await ask(asked, url, false);
    upstream.once('response', ({ statusCode }) => {
      if (statusCode === 401) credential.forget();
    });
    await exchange(asked, response, { upstream, fence });
  }

  /** A connection that becomes another protocol's: istioctl looks into pods by port-forward. */
  async function carryUpgrade(asked: IncomingMessage, client: Duplex, url: URL): Promise<void> {
    const upstream = await ask(asked, url, true);
    await new Promise<void>((resolve, reject) => {
      upstream.once('error', reject);
      client.once('close', () => upstream.destroy());
      upstream.once('response', (answer) => {
        client.write(headOf(answer));
        pipeline(answer, client, () => resolve());
      });
      upstream.once('upgrade', (answer, socket: Duplex, head: Buffer) => {
        open.keep(socket);
        client.write(headOf(answer));
        client.write(head);
        client.once('close', () => socket.destroy());
        pipeline(client, fenced(fence), socket, () => {
          client.destroy();
          resolve();
        });
        socket.pipe(client);
      });
      passageOf(upstream, fence).then(() => upstream.end(), reject);
    });
  }

  const server = createServer((asked, response) => {
    const url = targetOf(asked);
    if (url === undefined) response.writeHead(404).end();
    else {
      carry(asked, response, url).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else response.writeHead(502, { 'content-type': 'text/plain' }).end(wordsOf(error));
      });
    }
  });
  // It is the client that closes: a request must not meet a connection that is just being closed.
  server.keepAliveTimeout = 0;
  server.on('upgrade', (asked: IncomingMessage, client: Duplex, head: Buffer) => {
    const url = targetOf(asked);
    if (head.length > 0) client.unshift(head);
    if (url === undefined) client.end('HTTP/1.1 404 Not Found\r\n\r\n');
    else carryUpgrade(asked, client, url).catch(() => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  });
  const { origin, close } = await listenOnLoopback(server, open);
  return { url: `${origin}/${secret}`, close };
}

/** The credential as it is for now; after `forget` it is had anew. */
function remembered({ config, renewed }: Pick<Kubeconfig, 'config' | 'renewed'>): {
  readonly get: () => Promise<Credential>;
  readonly forget: () => void;
} {
  let source = (): Kubeconfig['config'] => config;
  let known: { readonly credential: Promise<Credential>; readonly since: number } | undefined;
  return {
    get: () => {
      const now = Date.now();
      if (known === undefined || now - known.since > CREDENTIAL_AGE_MS) {
        const made = { credential: credentialOf(source()), since: now };
        made.credential.catch(() => {
          if (known === made) known = undefined;
        });
        known = made;
      }
      return known.credential;
    },
    forget: () => {
      source = renewed;
      known = undefined;
    },
  };
}

function carriedHeaders(headers: IncomingHttpHeaders, upgrade: boolean): OutgoingHttpHeaders {
  const carried = Object.entries(headers).filter(
    ([name]) => !NOT_CARRIED.test(name) && (upgrade || name !== 'upgrade'),
  );
  return { ...Object.fromEntries(carried), ...(upgrade ? { connection: 'Upgrade' } : {}) };
}

function headOf({ statusCode = 502, statusMessage = '', rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1] ?? ''}\r\n`] : [],
  );
  return `HTTP/1.1 ${String(statusCode)} ${statusMessage}\r\n${lines.join('')}\r\n`;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the API server did not answer';
}
