import { HttpMethod, RequestContext } from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, type Response, fetch } from 'undici';
import { ApiError, isUntrusted } from './api-error.ts';
import { badAnswer, refusal, unreachable } from './failure.ts';
import { type Fence, passage } from './fence.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { mayRepeat, onlyReads, pauseMs, retryAfterMs } from './retry.ts';

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
}

const PATIENCE: Patience = { requestMs: 30_000, retryForMs: 60_000 };
/** Credentials are looked up again this often, so that tokens which rotate on disk or by exec plugin are seen. */
const CREDENTIAL_AGE_MS = 60_000;

interface Credential {
  readonly headers: Record<string, string>;
  readonly dispatcher: Dispatcher | undefined;
  readonly since: number;
}

/**
 * The API over a kubeconfig. Authentication, TLS and proxies are client-node's; the requests are sent here,
 * because client-node 2 opens a new connection for each and builds model objects that are not needed.
 *
 * @param signal ends everything that is under way when the run is cancelled or out of time
 */
export function createApi(
  kubeconfig: Pick<Kubeconfig, 'config' | 'forget'>,
  userAgent: string,
  signal: AbortSignal,
  patience = PATIENCE,
): Api {
  const { config } = kubeconfig;
  const server = config.getCurrentCluster()?.server ?? '';
  const counts: Record<string, number> = {};
  let credential: Credential | undefined;

  async function authenticate(fresh: boolean): Promise<Credential> {
    const now = Date.now();
    if (!fresh && credential !== undefined && now - credential.since < CREDENTIAL_AGE_MS) return credential;
    if (fresh) kubeconfig.forget();
    const context = new RequestContext(server, HttpMethod.GET);
    await config.applySecurityAuthentication(context);
    credential = {
      headers: context.getHeaders(),
      // A connection pool is kept as long as its credential is taken by the server.
      dispatcher: fresh ? context.getDispatcher() : (credential?.dispatcher ?? context.getDispatcher()),
      since: now,
    };
    return credential;
  }

  async function send(
    request: ApiRequest,
    { headers, dispatcher }: Credential,
    until: AbortSignal,
  ): Promise<Response> {
    const url = new URL(server.replace(/\/$/, '') + request.path);
    for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, value);
    counts[request.method] = (counts[request.method] ?? 0) + 1;
    return fetch(url, {
      method: request.method,
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
        ...headers,
      },
      // The API server redirects nobody; who does is something else, and gets no write of ours.
      redirect: 'manual',
      signal: until,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(dispatcher === undefined ? {} : { dispatcher }),
    });
  }

  /** Sends a request with the credential there is; a second time with a fresh one where the server does not take that. */
  async function exchange(request: ApiRequest, until: () => AbortSignal): Promise<Response> {
    for (let fresh = false; ; fresh = true) {
      const shown = await within(authenticate(fresh), signal);
      // Last of all: whatever comes before may have taken its time.
      if (request.fence !== undefined) await within(passage(request.fence), signal);
      const response = await send(request, shown, until()).catch((error: unknown) => {
        signal.throwIfAborted();
        throw unreachable(request, server, error);
      });
      if (response.status !== 401 || fresh) return response;
      await response.body?.cancel();
    }
  }

  async function attempt(
    request: ApiRequest,
  ): Promise<{ status: number; text: string; retryAfterMs: number }> {
    const until = (): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(patience.requestMs)]);
    const response = await exchange(request, until);
    const text = await response.text().catch((error: unknown) => {
      signal.throwIfAborted();
      throw unreachable(request, server, error);
    });
    return {
      status: response.status,
      text,
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
    };
  }

  async function request(request: ApiRequest): Promise<unknown> {
    const deadline = Date.now() + (request.retryForMs ?? patience.retryForMs);
    for (let tries = 0; ; tries++) {
      const wait = pauseMs(tries);
      try {
        const answer = await attempt(request);
        if (answer.status < 300) return parseAnswer(request, server, answer.text);
        const pause = Math.max(wait, answer.retryAfterMs);
        if (!mayRepeat(request, answer.status) || Date.now() + pause > deadline) {
          throw refusal(request, answer.status, answer.text);
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
    const response = await exchange(request, () => both);
    if (response.status >= 300) throw refusal(request, response.status, await response.text());
    if (response.body === null) return;
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.body) {
      const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  }

  return { request, lines, pause: (tries) => sleep(pauseMs(tries), undefined, { signal }), counts };
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

function parseAnswer(request: ApiRequest, server: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badAnswer(request, server, text);
  }
}
