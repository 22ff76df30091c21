import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Audit } from './audit.ts';
import type { Certificate } from './certificate.ts';
import { actingAs } from './impersonate.ts';
import { translated } from './older.ts';
import type { User } from './rbac.ts';
import { Refusal, badRequest, statusOf } from './refusal.ts';
import { type Answer, type ApiRequest, type Parts, handle } from './request.ts';
import { type AskIstiod, handleSpecial } from './special.ts';
import { type Watched, watch } from './watch.ts';

/** What a server needs. */
export interface ServerOptions extends Parts {
  readonly certificate: Certificate;
  /** Users by their bearer token. */
  readonly users: ReadonlyMap<string, User>;
  readonly audit: Audit;
  /** The version of Kubernetes that it says it is, such as `v1.35.4`. */
  readonly version: string;
  readonly ask: AskIstiod;
}

/** A server that listens. */
export interface Server {
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the API over HTTPS on loopback. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { certificate, key } = options.certificate;
  const server = createServer({ cert: certificate, key, keepAlive: true }, (request, response) => {
    void serve(options, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    url: `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  options: ServerOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'https://server');
  const user = userOf(options.users, incoming);
  const text = await bodyOf(incoming);
  // From here to the answer all happens at once, so that requests can't get in each other's way.
  const before = options.store.version;
  const { code, body, watch: watched, persisting } = answerTo(options, incoming, url, user, text);
  const persisted = persisting && options.store.version !== before;
  const log = (): void =>
    options.audit.add({
      method: incoming.method ?? '',
      path: `${url.pathname}${url.search}`,
      user: user?.name ?? '',
      userAgent: incoming.headers['user-agent'] ?? '',
      code,
      persisting,
      persisted,
    });
  response.writeHead(code, { 'content-type': 'application/json' });
  if (watched !== undefined) {
    response.once('close', log);
    stream(options, watched, response);
    return;
  }
  log();
  response.end(`${JSON.stringify(body)}\n`);
}

function answerTo(
  options: ServerOptions,
  incoming: IncomingMessage,
  url: URL,
  asking: User | undefined,
  text: string,
): Answer {
  try {
    const user = actingAs(asking, incoming);
    if (user === undefined) throw new Refusal(401, 'Unauthorized', 'Unauthorized');
    const request: ApiRequest = {
      method: incoming.method ?? '',
      url,
      user,
      contentType: incoming.headers['content-type'] ?? '',
      userAgent: incoming.headers['user-agent'] ?? '',
      body: parse(text),
    };
    const special = handleSpecial(options, request, options.version, options.ask);
    if (special !== undefined) return special;
    const { request: kept, back } = translated(request, options.version);
    return back(handle(options, kept));
  } catch (error) {
    const refusal =
      error instanceof Refusal
        ? error
        : new Refusal(500, 'InternalError', `the embedded cluster failed: ${String(error)}`);
    return { code: refusal.code, body: statusOf(refusal), persisting: mayPersist(incoming, url) };
  }
}

/** Of a request that was refused: whether it would have changed something for good. */
function mayPersist({ method = '' }: IncomingMessage, url: URL): boolean {
  return (
    ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) &&
    url.searchParams.get('dryRun') !== 'All' &&
    !/\/(selfsubjectaccessreviews|token)$/.test(url.pathname)
  );
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badRequest('the body of the request is no JSON');
  }
}

function userOf(users: ReadonlyMap<string, User>, { headers }: IncomingMessage): User | undefined {
  return users.get(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
}

function stream({ store }: ServerOptions, watched: Watched, response: ServerResponse): void {
  // The client is to see that it began, even if nothing happens for long.
  response.flushHeaders();
  const stop = watch(store, watched, (line) => response.write(line));
  if (stop === undefined) response.end();
  else response.once('close', stop);
}
