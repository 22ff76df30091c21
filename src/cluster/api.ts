import type { KubeConfig } from '@kubernetes/client-node';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api-error.ts';
import { type Credential, credentialOf, forgetful } from './credential.ts';
import { type Answer, exchange } from './exchange.ts';

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

/**
 * The API over a kubeconfig. Authentication, TLS and proxies are client-node's; the requests are sent here,
 * because client-node 2 opens a new connection for each and builds model objects that are not needed. A pool of
 * connections is kept as long as its credential is taken by the server.
 *
 * @param signal ends everything that is under way when the run is cancelled or out of time
 */
export function createApi(config: KubeConfig, userAgent: string, signal: AbortSignal): Api {
  const server = config.getCurrentCluster()?.server ?? '';
  const counts: Record<string, number> = {};
  let source = config;
  let known: { readonly credential: Credential; readonly since: number } | undefined;

  async function authenticate(fresh: boolean): Promise<Credential> {
    const now = Date.now();
    if (!fresh && known !== undefined && now - known.since < CREDENTIAL_AGE_MS) return known.credential;
    if (fresh) source = forgetful(source);
    known = { credential: await credentialOf(source), since: now };
    return known.credential;
  }

  async function send(request: ApiRequest, until: AbortSignal, fresh = false): Promise<Answer> {
    const { headers, auth, agent } = await authenticate(fresh);
    const url = new URL(server.replace(/\/$/, '') + request.path);
    for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, value);
    counts[request.method] = (counts[request.method] ?? 0) + 1;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const answer = await exchange(
      url,
      {
        method: request.method,
        headers: {
          accept: 'application/json',
          'user-agent': userAgent,
          ...(body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
          ...headers,
        },
        auth,
        agent,
        signal: until,
      },
      body,
    );
    if (answer.status === 401 && !fresh) {
      answer.body.resume();
      return send(request, until, true);
    }
    return answer;
  }

  async function attempt(
    request: ApiRequest,
  ): Promise<{ status: number; body: string; retryAfterMs: number }> {
    const until = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    try {
      const { status, headers, body } = await send(request, until);
      return {
        status,
        body: await text(body),
        retryAfterMs: Number(headers['retry-after'] ?? '0') * 1000,
      };
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(request, server, until.aborted ? until.reason : error);
    }
  }

  async function request(request: ApiRequest): Promise<unknown> {
    const deadline = Date.now() + (request.retryForMs ?? RETRY_FOR_MS);
    for (let tries = 0; ; tries++) {
      const wait = Math.min(200 * 2 ** tries, 5_000);
      try {
        const answer = await attempt(request);
        if (answer.status < 300) return parseAnswer(request, answer.body);
        const pause = Math.max(wait, answer.retryAfterMs);
        if (!mayRepeat(request, answer.status) || Date.now() + pause > deadline) {
          throw refusal(request, answer.status, answer.body);
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
    const { status, body } = await send(request, AbortSignal.any([signal, until])).catch((error: unknown) => {
      signal.throwIfAborted();
      throw unreachable(request, server, error);
    });
    if (status >= 300) throw refusal(request, status, await text(body));
    body.setEncoding('utf8');
    let rest = '';
    for await (const chunk of body) {
      const parts = (rest + String(chunk)).split('\n');
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

function parseAnswer(request: ApiRequest, body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw new ApiError(request.what, 0, 'BadAnswer', `the answer to "${request.what}" is not JSON`, {
      cause,
    });
  }
}

function refusal(request: ApiRequest, status: number, body: string): ApiError {
  let reason = '';
  let message = body.slice(0, 500);
  try {
    const answer = JSON.parse(body) as { reason?: string; message?: string };
    reason = answer.reason ?? '';
    message = answer.message ?? message;
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
  // A name with several addresses: what the first of them said.
  const cause: unknown = error instanceof AggregateError ? error.errors[0] : error;
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
