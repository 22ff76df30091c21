import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, isUntrusted } from './api-error.ts';
import { type Credential, credentialOf } from './credential.ts';
import { type Answer, exchange } from './exchange.ts';
import { badAnswer, elsewhere, refusal, unreachable } from './failure.ts';
import { type Fence, passage } from './fence.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { isList } from './list.ts';
import { PACKED_OR_JSON, isPacked, unpackAnswer } from './packed.ts';
import { mayRepeat, onlyReads, pauseMs, retryAfterMs } from './retry.ts';
import { createWaiting } from './waiting.ts';

/** One request to the API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  /** What is asked, in words of RBAC, for error texts: `list pods`. */
  readonly what: string;
  /** A POST that persists nothing: an access review, a dry run. It is repeated as reads are. */
  readonly rehearses?: boolean;
  /** Pods are asked for: the answer may be in the short form, of which only what a `Pod` has is read. */
  readonly packed?: boolean;
  /** A list is asked for: any other answer is not the API server's. */
  readonly lists?: boolean;
  /** The first question of a run, which every API server can answer. */
  readonly first?: boolean;
  /** Asked right before it is sent, each time. */
  readonly fence?: Fence;
  /** How long reads are repeated while the server is away or overloaded; default one minute. */
  readonly retryForMs?: number;
}

/** How patient an {@link Api} is. */
export interface Patience {
  /** Longest for one exchange. */
  readonly requestMs: number;
  /** How long reads are repeated, where the request does not say. */
  readonly retryForMs: number;
}

/**
 * The way to the API server. `request` answers parsed JSON; both throw {@link ApiError}, and `CredentialError` where
 * there is no credential to show.
 */
export interface Api {
  request(request: ApiRequest): Promise<unknown>;
  /** Streams the lines of an answer (a watch) until it ends or the signal fires. */
  lines(request: ApiRequest, signal: AbortSignal): AsyncIterable<string>;
  /** Waits before a write is decided on again, as long as between the tries of a read; ends with the run. */
  pause(tries: number): Promise<void>;
  /** Requests sent so far, by method. */
  readonly counts: Readonly<Record<string, number>>;
  /** Bytes of all answers so far, unzipped, and objects in lists; of what is watched none. */
  readonly received: { bytes: number; objects: number };
}

const PATIENCE: Patience = { requestMs: 30_000, retryForMs: 60_000 };
/** Credentials are looked up again this often, so that tokens which rotate on disk or by exec plugin are seen. */
const CREDENTIAL_AGE_MS = 60_000;

/**
 * The API over a kubeconfig. Authentication, TLS and proxies are client-node's; the requests are sent here,
 * because client-node 2 opens a new connection for each and builds model objects that are not needed. A pool of
 * connections is kept as long as its credential is taken by the server.
 *
 * @param signal ends everything that is under way when the run is cancelled or out of time
 * @param tell told every 10 s what is still waited for
 */
export function createApi(
  kubeconfig: Pick<Kubeconfig, 'config' | 'renewed'>,
  userAgent: string,
  signal: AbortSignal,
  patience = PATIENCE,
  tell?: (line: string) => void,
): Api {
  let source = kubeconfig.config;
  const { server = '', caData = '', caFile = '' } = source.getCurrentCluster() ?? {};
  const far = { server, named: caData !== '' || caFile !== '' };
  const counts: Record<string, number> = {};
  const received = { bytes: 0, objects: 0 };
  let known: { readonly credential: Credential; readonly since: number } | undefined;

  async function authenticate(fresh: boolean): Promise<Credential> {
    const now = Date.now();
    if (!fresh && known !== undefined && now - known.since < CREDENTIAL_AGE_MS) return known.credential;
    if (fresh) source = kubeconfig.renewed();
    known = { credential: await credentialOf(source), since: now };
    return known.credential;
  }

  function send(
    request: ApiRequest,
    { headers, auth, agent }: Credential,
    until: AbortSignal,
  ): Promise<Answer> {
    const url = new URL(server.replace(/\/$/, '') + request.path);
    for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, value);
    counts[request.method] = (counts[request.method] ?? 0) + 1;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const ours = {
      accept: request.packed === true ? PACKED_OR_JSON : 'application/json',
      'user-agent': userAgent,
      ...(body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
    };
    return exchange(
      url,
      { method: request.method, headers: { ...ours, ...headers }, auth, agent, signal: until },
      body,
      request.fence,
    );
  }

  /** Sends a request with the credential there is; a second time with a fresh one where the server does not take that. */
  async function ask(request: ApiRequest, until: () => AbortSignal): Promise<Answer> {
    for (let fresh = false; ; fresh = true) {
      const credential = await within(authenticate(fresh), signal);
      // Last of all: whatever comes before may have taken its time.
      if (request.fence !== undefined) await within(passage(request.fence), signal);
      const answer = await send(request, credential, until()).catch((error: unknown) => {
        signal.throwIfAborted();
        // Throws where it is the fence that ended it.
        void request.fence?.();
        throw unreachable(request, far, error);
      });
      if (answer.status !== 401 || fresh) return answer;
      answer.body.on('error', () => undefined).resume();
    }
  }

  async function attempt(request: ApiRequest): Promise<Whole> {
    const until = (): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(patience.requestMs)]);
    const { status, headers, body } = await ask(request, until);
    const whole = await wholeOf(body).catch((error: unknown) => {
      signal.throwIfAborted();
      throw unreachable(request, far, error);
    });
    received.bytes += whole.length;
    return {
      status,
      body: whole,
      isPacked: isPacked(headers['content-type']),
      ...(headers.location === undefined ? {} : { location: headers.location }),
      retryAfterMs: retryAfterMs(headers['retry-after'], Date.now()),
    };
  }

  const waiting = createWaiting(server, tell);

  function request(request: ApiRequest): Promise<unknown> {
    return waiting(request.what, () => untilAnswered(request));
  }

  async function untilAnswered(request: ApiRequest): Promise<unknown> {
    const deadline = Date.now() + (request.retryForMs ?? patience.retryForMs);
    for (let tries = 0; ; tries++) {
      const wait = pauseMs(tries);
      try {
        const answer = await attempt(request);
        if (answer.status < 300) return parseAnswer(request, server, answer);
        const pause = Math.max(wait, answer.retryAfterMs);
        if (!mayRepeat(request, answer.status) || Date.now() + pause > deadline) {
          const said = { ...answer, text: textOf(answer) };
          throw elsewhere(request, server, said) ?? refusal(request, answer.status, said.text);
        }
        await sleep(pause, undefined, { signal });
      } catch (error) {
        const lost = error instanceof ApiError && error.status === 0 && !isUntrusted(error);
        if (!lost || !onlyReads(request) || Date.now() + wait > deadline) throw error;
        await sleep(wait, undefined, { signal });
      }
    }
  }

  async function* lines(request: ApiRequest, until: AbortSignal): AsyncIterable<string> {
    const both = AbortSignal.any([signal, until]);
    const { status, body } = await ask(request, () => both);
    if (status >= 300) throw refusal(request, status, await text(body));
    body.setEncoding('utf8');
    let rest = '';
    for await (const chunk of body) {
      const parts = (rest + String(chunk)).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  }

  return { request, lines, pause: (tries) => sleep(pauseMs(tries), undefined, { signal }), counts, received };
}

/** All of a body. Node's own `buffer` would hold it three times, by way of a Blob. */
async function wholeOf(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** An answer with its whole body, unzipped. */
interface Whole {
  readonly status: number;
  readonly body: Buffer;
  readonly isPacked: boolean;
  /** Where it sends to. */
  readonly location?: string;
  readonly retryAfterMs: number;
}

/** The outcome of work, or the end of the run: what can't be called off is left to itself. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const ended = Promise.withResolvers<never>();
  const end = (): void => ended.reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function parseAnswer(request: ApiRequest, server: string, { body, isPacked }: Whole): unknown {
  let answer: unknown;
  try {
    answer = isPacked ? unpackAnswer(body) : JSON.parse(body.toString());
  } catch {
    throw badAnswer(request, server, 'JSON', body.toString());
  }
  if (request.lists === true && !isList(answer)) {
    throw badAnswer(request, server, 'a list of Kubernetes objects', body.toString());
  }
  return answer;
}

/** An answer that is no success, in JSON. */
function textOf({ body, isPacked }: Whole): string {
  try {
    return isPacked ? JSON.stringify(unpackAnswer(body)) : body.toString();
  } catch {
    return body.toString();
  }
}
