import { boundedText } from '../istio/text.ts';
import type { ApiRequest } from './api.ts';
import { ApiError, REASON_CERTIFICATE, REASON_ELSEWHERE } from './api-error.ts';
import { tlsFailure } from './tls-failure.ts';

/** Longest of an answer that is not the API server's own. */
const PAGE_LENGTH = 500;

/** The error for an answer that is no success. Whatever is in it was perhaps said by a webhook: it is bounded (issue 12). */
export function refusal({ what }: ApiRequest, status: number, text: string): ApiError {
  let reason = '';
  let message = boundedText(text, PAGE_LENGTH);
  try {
    const body = JSON.parse(text) as { reason?: unknown; message?: unknown };
    reason = typeof body.reason === 'string' && /^\w{1,63}$/.test(body.reason) ? body.reason : '';
    message = typeof body.message === 'string' ? boundedText(body.message) : message;
  } catch {
    // Not from the API server itself: a proxy's page, say. Its beginning is all there is to show.
  }
  return new ApiError(what, status, reason, `${what}: ${String(status)} ${reason} ${message}`.trim());
}

/**
 * The error for an answer by which who answers is no Kubernetes API; undefined for any other. The API server redirects
 * nobody, and knows its first question (`/version`): to it these are of a wrong path, of plain HTTP to a TLS port, or of
 * another server.
 *
 * @param location where a redirect leads to; only its host is told
 */
export function elsewhere(
  request: ApiRequest,
  server: string,
  { status, text, location }: { readonly status: number; readonly text: string; readonly location?: string },
): ApiError | undefined {
  const redirects = status >= 300 && status < 400;
  if (!redirects && !(request.first === true && [400, 404, 405].includes(status))) return undefined;
  const leads = location !== undefined && URL.canParse(location, server);
  const to = leads ? `, and it sends to ${new URL(location, server).host}` : '';
  // The page of a redirect names the whole address, which may hold a token.
  const message = redirects ? `${request.what}: ${String(status)}` : refusal(request, status, text).message;
  return new ApiError(
    request.what,
    status,
    REASON_ELSEWHERE,
    `what answers at ${server} is no Kubernetes API${to} (${message})`,
    {
      remedy: redirects
        ? 'Check scheme, host and path of the server in the kubeconfig. A login page before the API server is for people: use an address without one.'
        : 'Check scheme, host and path of the server in the kubeconfig: kubectl must get an answer from its /version.',
    },
  );
}

/**
 * The error for no answer at all.
 *
 * @param named whether the kubeconfig names an authority
 */
export function unreachable(
  { what }: ApiRequest,
  { server, named }: { readonly server: string; readonly named: boolean },
  error: unknown,
): ApiError {
  const cause = deepest(error);
  const code = codeOf(cause);
  const tls = tlsFailure(code, named);
  const words = tls === undefined ? wordsOf(cause, code) : `${tls.words}: ${wordsOf(cause, code)}`;
  const reason = tls === undefined ? 'Unreachable' : REASON_CERTIFICATE;
  return new ApiError(what, 0, reason, `${what}: no answer from ${server} (${words})`, {
    cause: error,
    ...(tls === undefined ? {} : { remedy: tls.remedy }),
  });
}

/**
 * The error for an answer that is not the API server's.
 *
 * @param lacks what was asked for, such as `JSON`
 */
export function badAnswer({ what }: ApiRequest, server: string, lacks: string, text: string): ApiError {
  const message = `${what}: the answer from ${server} is not ${lacks} but begins with ${JSON.stringify(boundedText(text, 80))}`;
  return new ApiError(what, 0, 'BadAnswer', message);
}

/** What is read of an error, whichever of Node's it is. */
interface Failure {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly cause?: unknown;
  /** Of a name with several addresses, one for each. */
  readonly errors?: readonly unknown[];
}

/** An error that only says that something went wrong has further down what. */
function deepest(error: unknown): Failure {
  if (typeof error !== 'object' || error === null) return { message: String(error) };
  const { cause, errors: [first] = [] } = error as Failure;
  const deeper = first ?? cause;
  return typeof deeper === 'object' && deeper !== null ? deepest(deeper) : error;
}

function codeOf({ code }: Failure): string {
  return typeof code === 'string' ? code : '';
}

function wordsOf({ name, message = '' }: Failure, code: string): string {
  if (name === 'TimeoutError') return 'it took too long';
  if (message === '') return code;
  return message.includes(code) ? message : `${code}: ${message}`;
}
