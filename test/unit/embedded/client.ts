import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { parse } from 'yaml';
import type { Embedded } from '../../../embedded/start.ts';

/** What the server answered. */
export interface Answer {
  readonly status: number;
  readonly body: Body;
}

/** Any body, as tests look at it. */
export interface Body {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly metadata: Readonly<Record<string, string | undefined>> & {
    readonly labels?: Readonly<Record<string, string>>;
    readonly generation?: number;
  };
  readonly items: readonly Body[];
  readonly [field: string]: unknown;
}

/** A request as somebody; `admin` where nobody is named. */
export interface Call {
  readonly user?: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly type?: string;
}

/** Sends one request over HTTPS, by the kubeconfig, as any client would. */
export async function call(
  cluster: Embedded,
  method: string,
  path: string,
  options: Call = {},
): Promise<Answer> {
  const response = await send(cluster, method, path, options);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) as Body };
}

/** The first events of a watch; it is closed then. */
export async function watched(
  cluster: Embedded,
  path: string,
  count: number,
): Promise<readonly { readonly type: string; readonly object: Body }[]> {
  const response = await send(cluster, 'GET', path, {});
  const events = [];
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) events.push(JSON.parse(line) as { type: string; object: Body });
    if (events.length >= count) break;
  }
  response.destroy();
  return events;
}

function send(
  cluster: Embedded,
  method: string,
  path: string,
  { user = 'admin', token, body, type = 'application/json' }: Call,
): Promise<IncomingMessage> {
  const { clusters, users } = parse(cluster.kubeconfig(user)) as {
    clusters: [{ cluster: Record<string, string> }];
    users: [{ user: { token: string } }];
  };
  const text = body === undefined ? undefined : JSON.stringify(body);
  const options: RequestOptions = {
    method,
    agent: new Agent(),
    ca: Buffer.from(clusters[0].cluster['certificate-authority-data']!, 'base64'),
    headers: {
      authorization: `Bearer ${token ?? users[0].user.token}`,
      'user-agent': 'unit-test',
      ...(text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
    },
  };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, cluster.server), options, resolve);
    sent.once('error', reject);
    sent.end(text);
  });
}

/** Waits for what comes by itself. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
