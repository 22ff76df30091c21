import type { KubeConfig } from '@kubernetes/client-node';
import { HttpMethod, RequestContext } from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, type Response, fetch } from 'undici';
import { ApiError } from './api-error.ts';

/** One request to the API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  /** What is asked, in words of RBAC, for error texts: `list pods`. */
  readonly what: string;
  /** How long reads are repeated while the server is away or overloaded; default one minute. */
  readonly retryForMs?: number;
}

/** The way to the API server. `request` answers parsed JSON; both throw {@link ApiError}. */
export interface Api {
  request(request: ApiRequest): Promise<unknown>;
  /** Streams the lines of an answer (a watch) until it ends or the signal fires. */
  lines(request: ApiRequest, signal: AbortSignal): AsyncIterable<string>;
  /** Requests sent so far, by method. */
  readonly counts: Readonly<Record<string, number>>;
}

const REQUEST_TIMEOUT_MS = 30_000;
const RETRY_FOR_MS = 60_000;
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
export function createApi(config: KubeConfig, userAgent: string, signal: AbortSignal): Api {
  const server = config.getCurrentCluster()?.server ?? '';
  const counts: Record<string, number> = {};
  let credential: Credential | undefined;

  async function authenticate(fresh: boolean): Promise<Credential> {
    const now = Date.now();
    if (!fresh && credential !== undefined && now - credential.since < CREDENTIAL_AGE_MS) return credential;
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

  async function send(request: ApiRequest, until: AbortSignal, fresh = false): Promise<Response> {
    const { headers, dispatcher } = await authenticate(fresh);
    const url = new URL(server.replace(/\/$/, '') + request.path);
    for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, value);
    counts[request.method] = (counts[request.method] ?? 0) + 1;
    const response = await fetch(url, {
      method: request.method,
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
        ...headers,
      },
      signal: until,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(dispatcher === undefined ? {} : { dispatcher }),
    });
    if (response.status === 401 && !fresh) {
      await response.body?.cancel();
      return send(request, until, true);
    }
    return response;
  }

  async function attempt(
    request: ApiRequest,
  ): Promise<{ status: number; text: string; retryAfterMs: number }> {
    try {
      const until = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
      const response = await send(request, until);
      return {
        status: response.status,
        text: await response.text(),
        retryAfterMs: Number(response.headers.get('retry-after') ?? '0') * 1000,
      };
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(request, server, error);
    }
  }

  async function request(request: ApiRequest): Promise<unknown> {
    const deadline = Date.now() + (request.retryForMs ?? RETRY_FOR_MS);
    for (let tries = 0; ; tries++) {
      const wait = Math.min(200 * 2 ** tries, 5_000);
      try {
        const answer = await attempt(request);
        if (answer.status < 300) return parseAnswer(request, answer.text);
        const pause = Math.max(wait, answer.retryAfterMs);
        if (!mayRepeat(request, answer.status) || Date.now() + pause > deadline) {
          throw refusal(request, answer.status, answer.text);
        }
        await sleep(pause, undefined, { signal });
      } catch (error) {
        const repeat = error instanceof ApiError && error.status === 0 && request.method === 'GET';
        if (!repeat || Date.now() + wait > deadline) throw error;
        await sleep(wait, undefined, { signal });
      }
    }
  }

  async function* lines(request: ApiRequest, until: AbortSignal): AsyncIterable<string> {
    const response = await send(request, AbortSignal.any([signal, until])).catch((error: unknown) => {
      signal.throwIfAborted();
      throw unreachable(request, server, error);
    });
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

  return { request, lines, counts };
}

/** 429 says that the request was not taken at all; anything else is repeated only where it reads. */
function mayRepeat(request: ApiRequest, status: number): boolean {
  if (status === 429) return true;
  return request.method === 'GET' && (status === 500 || (status >= 502 && status <= 504));
}

function parseAnswer(request: ApiRequest, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ApiError(request.what, 0, 'BadAnswer', `the answer to "${request.what}" is not JSON`, {
      cause,
    });
  }
}

function refusal(request: ApiRequest, status: number, text: string): ApiError {
  let reason = '';
  let message = text.slice(0, 500);
  try {
    const body = JSON.parse(text) as { reason?: string; message?: string };
    reason = body.reason ?? '';
    message = body.message ?? message;
  } catch {
    // Not from the API server itself: a proxy's page, say. Its beginning is all there is to show.
  }
  return new ApiError(
    request.what,
    status,
    reason,
    `${request.what}: ${String(status)} ${reason} ${message}`.trim(),
  );
}

function unreachable(request: ApiRequest, server: string, error: unknown): ApiError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const words = cause instanceof Error ? cause.message : String(cause);
  return new ApiError(
    request.what,
    0,
    'Unreachable',
    `${request.what}: no answer from ${server} (${words})`,
    {
      cause: error,
    },
  );
}
