import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type Socket, isIP } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SecureContext, connect as connectTls, createSecureContext } from 'node:tls';
import { authorities } from '../cluster/authorities.ts';
import { proxyFor } from '../cluster/proxy.ts';
import { isUnknownAuthority } from '../cluster/tls-failure.ts';
import { dial } from '../cluster/tunnel.ts';

/** How much a download may take. */
export interface DownloadLimits {
  /** Longest without a byte, the answer's first one too. */
  readonly idleMs: number;
  /** Before a second try; a third one waits three times as long. */
  readonly pauseMs: number;
  readonly maxBytes: number;
}

/** What a download goes by. */
export interface DownloadDeps {
  /** For the proxy: `HTTPS_PROXY`, `NO_PROXY`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends it at once, with its reason, whatever the far end does. */
  readonly signal: AbortSignal;
}

const TRIES = 3;
const REDIRECTS = 5;

/** The server answered, and not with the file. */
class HttpStatus extends Error {
  override readonly name = 'HttpStatus';
  readonly status: number;

  constructor(status: number) {
    super(`the server answered ${String(status)}`);
    this.status = status;
  }
}

/** Whether the server answered that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof HttpStatus && (error.status === 404 || error.status === 410);
}

/** What to do about a failed download: another thing where the certificate is of an authority that is not known here. */
export function remedyFor(error: unknown, otherwise: string): string {
  return isUnknownAuthority(String(Reflect.get(Object(error), 'code')))
    ? "The certificate is of an authority that this runner does not know. Put it into a file that NODE_EXTRA_CA_CERTS names; that of a mirror, or of a proxy that opens TLS, may also be in the system's store."
    : otherwise;
}

/** The file is not what it may be: no second try makes it so. */
class NotAcceptable extends Error {
  override readonly name = 'NotAcceptable';
}

/** Whether what is sent there can't be read or changed on its way: https, or a server on this machine. */
export function isSecure(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && local);
}

/**
 * Downloads into a file. Redirects are followed to where it is as secure; a server that stumbles is asked three times. It
 * ends with the signal, after a silence, and at a size: a mirror that accepts and then says nothing holds nobody (M15).
 *
 * @throws the signal's reason, or an error that says what went wrong; then the file is gone
 */
export async function download(
  url: string,
  dest: string,
  limits: DownloadLimits,
  deps: DownloadDeps,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    deps.signal.throwIfAborted();
    try {
      await attempt(url, dest, limits, deps);
      return;
    } catch (error) {
      await rm(dest, { force: true });
      deps.signal.throwIfAborted();
      if (tries >= TRIES || !mayHelp(error)) throw error;
      await sleep(limits.pauseMs * (2 * tries - 1), undefined, { signal: deps.signal }).catch(
        () => undefined,
      );
    }
  }
}

function mayHelp(error: unknown): boolean {
  if (error instanceof NotAcceptable) return false;
  return (
    !(error instanceof HttpStatus) || error.status >= 500 || error.status === 408 || error.status === 429
  );
}

async function attempt(
  url: string,
  dest: string,
  { idleMs, maxBytes }: DownloadLimits,
  { env, signal }: DownloadDeps,
): Promise<void> {
  const silent = new AbortController();
  const silence = setTimeout(() => {
    silent.abort(new Error(`it was silent for ${String(idleMs / 1000)} s`));
  }, idleMs);
  const until = AbortSignal.any([signal, silent.signal]);
  let bytes = 0;
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      silence.refresh();
      bytes += chunk.length;
      done(bytes > maxBytes ? new NotAcceptable(`it is longer than ${String(maxBytes)} bytes`) : null, chunk);
    },
  });
  try {
    const answer = await follow(url, env, until, silence);
    const length = answer.headers['content-length'];
    await pipeline(answer, bounded, createWriteStream(dest, { mode: 0o600 }), { signal: until });
    if (length !== undefined && Number(length) !== bytes) throw new Error('it was cut short');
  } catch (error) {
    // What a stream says when it is called off is not why.
    throw until.aborted ? until.reason : error;
  } finally {
    clearTimeout(silence);
  }
}

/** Asks, and asks where the answer leads, until there is a file. */
async function follow(
  url: string,
  env: DownloadDeps['env'],
  signal: AbortSignal,
  silence: NodeJS.Timeout,
): Promise<IncomingMessage> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    if (!isSecure(at)) throw new NotAcceptable('it leads to an address that is not https');
    const answer = await ask(new URL(at), env, signal);
    silence.refresh();
    const { statusCode = 0, headers } = answer;
    if (statusCode === 200) return answer;
    answer.destroy();
    const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined;
    if (!isRedirect || redirects >= REDIRECTS) throw new HttpStatus(statusCode);
    at = new URL(headers.location ?? '', at).href;
  }
}

async function ask(url: URL, env: DownloadDeps['env'], signal: AbortSignal): Promise<IncomingMessage> {
  const proxy = proxyFor(url.href, env);
  const port = url.port === '' ? '443' : url.port;
  const socket =
    proxy === undefined ? undefined : await called(dial(`${url.hostname}:${port}`, proxy), signal);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    send(url, {
      headers: { 'user-agent': 'istio-upgrade', 'accept-encoding': 'identity' },
      signal,
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      rejectUnauthorized: true,
      ...(url.protocol === 'https:' ? { secureContext: trust() } : {}),
      // An agent, also the one of `false`, makes its connections itself.
      ...(socket === undefined
        ? { agent: false }
        : { createConnection: () => secured(socket, url.hostname) }),
    })
      .once('response', resolve)
      .on('error', reject)
      .end();
  });
}

let trusted: SecureContext | undefined;

/** As for the API server; made once, as that takes some 40 ms. */
function trust(): SecureContext {
  return (trusted ??= createSecureContext({ ca: authorities(), allowPartialTrustChain: true }));
}

function secured(socket: Socket, hostname: string): Socket {
  const host = hostname.replace(/^\[|\]$/g, '');
  return connectTls({
    socket,
    host,
    rejectUnauthorized: true,
    secureContext: trust(),
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
}

/** A connection, or the end of the run; one that comes too late is closed. */
async function called(connection: Promise<Socket>, signal: AbortSignal): Promise<Socket> {
  const ended = Promise.withResolvers<never>();
  const end = (): void => {
    ended.reject(signal.reason);
    connection.then((socket) => socket.destroy()).catch(() => undefined);
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([connection, ended.promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
