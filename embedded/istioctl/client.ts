import { Agent as PlainAgent, request as connect } from 'node:http';
import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { type TLSSocket, connect as secure } from 'node:tls';
import type { Access } from './kubeconfig.ts';
import { Refusal } from './refusal.ts';
import { asServed } from './served.ts';

/** An object as it is sent or read. */
export interface Item {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  readonly [field: string]: unknown;
}

/** The API server refused a request. */
export class ApiRefusal extends Refusal {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The few requests of this program. Each throws {@link ApiRefusal}, or an error of the connection. */
export interface Client {
  get(path: string): Promise<unknown>;
  list(path: string, labelSelector?: string, fieldSelector?: string): Promise<Item[]>;
  create(path: string, body: object): Promise<unknown>;
  merge(path: string, body: object): Promise<unknown>;
  replace(path: string, body: object): Promise<unknown>;
  remove(path: string, body: object): Promise<unknown>;
  close(): void;
}

/**
 * @param timeoutMs longest for one request
 */
export function createClient(access: Access, userAgent: string, timeoutMs: number): Client {
  const secure = access.server.protocol === 'https:';
  const agent = secure ? secureAgent(access) : new PlainAgent({ keepAlive: true, maxSockets: 4 });
  const base = access.server.href.replace(/\/$/, '');
  const ask = secure ? request : connect;

  let told: Promise<number> | undefined;
  /** The minor release of Kubernetes. */
  async function minor(): Promise<number> {
    told ??= exchange('GET', '/version').then((answer) => Number((answer as { minor: string }).minor));
    return told;
  }

  async function send(method: string, path: string, body?: object, contentType?: string): Promise<unknown> {
    const sent = await asServed({ path, body }, minor);
    return exchange(method, sent.path, sent.body, contentType);
  }

  function exchange(
    method: string,
    path: string,
    body?: object,
    contentType = 'application/json',
  ): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = ask(
        new URL(base + path),
        {
          method,
          agent,
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            accept: 'application/json',
            // As client-go: without TLS no credential is shown.
            ...(secure ? { authorization: `Bearer ${access.token}` } : {}),
            'user-agent': userAgent,
            ...(text === undefined
              ? {}
              : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            const answer = JSON.parse(Buffer.concat(chunks).toString()) as { message?: string };
            const { statusCode = 0 } = response;
            if (statusCode < 300) resolve(answer);
            else reject(new ApiRefusal(statusCode, answer.message ?? `the server answered ${statusCode}`));
          });
        },
      );
      sent.once('error', reject);
      sent.end(text);
    });
  }

  return {
    get: (path) => send('GET', path),
    list: async (path, labelSelector, fieldSelector) => {
      const items: Item[] = [];
      let next: string | undefined;
      do {
        const query = new URLSearchParams({
          limit: '500',
          ...(labelSelector === undefined ? {} : { labelSelector }),
          ...(fieldSelector === undefined ? {} : { fieldSelector }),
          ...(next === undefined ? {} : { continue: next }),
        });
        const page = (await send('GET', `${path}?${query.toString()}`)) as {
          apiVersion: string;
          kind: string;
          items: Item[];
          metadata: { continue?: string };
        };
        items.push(...page.items);
        next = page.metadata.continue;
      } while (next !== undefined);
      return items;
    },
    create: (path, body) => send('POST', path, body),
    merge: (path, body) => send('PATCH', path, body, 'application/merge-patch+json'),
    replace: (path, body) => send('PUT', path, body),
    remove: (path, body) => send('DELETE', path, body),
    close: () => agent.destroy(),
  };
}

function secureAgent(access: Access): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  // Agent's own type knows only connections that are made at once.
  return Object.assign(agent, {
    createConnection: (_: unknown, done: (error: Error | null, socket?: TLSSocket) => void) => {
      dial(access).then((socket) => done(null, socket), done);
    },
  });
}

async function dial({ server, proxy, authority, serverName }: Access): Promise<TLSSocket> {
  const port = Number(server.port === '' ? 443 : server.port);
  const through = proxy === undefined ? undefined : await tunnel(proxy, `${server.hostname}:${port}`);
  return new Promise((resolve, reject) => {
    const socket = secure({
      // By the host the certificate is judged, also where somebody else has made the connection.
      host: server.hostname,
      ...(through === undefined ? { port } : { socket: through }),
      ...(authority === undefined ? {} : { ca: authority }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    });
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
  });
}

function tunnel(proxy: URL, target: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    connect({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: target })
      .once('connect', (response, socket) => {
        if (response.statusCode === 200) resolve(socket);
        else reject(new Refusal(`the proxy ${proxy.host} refused: ${response.statusCode ?? ''}`));
      })
      .once('error', reject)
      .end();
  });
}
