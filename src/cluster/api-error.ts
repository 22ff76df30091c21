/** {@link ApiError.reason} where the server could not prove to be who the kubeconfig says. */
export const REASON_CERTIFICATE = 'Certificate';

/** {@link ApiError.reason} where what answered is no Kubernetes API. */
export const REASON_ELSEWHERE = 'Elsewhere';

/** What the API server, or the way to it, answered instead of what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when no answer came (refused, reset, timed out, bad certificate). */
  readonly status: number;
  /** Kubernetes's own reason, such as `Conflict`; empty where there was none. */
  readonly reason: string;
  /** What was asked, such as `patch deployments`. */
  readonly request: string;
  /** What helps, where more is known than the kind of error. */
  readonly remedy?: string;

  constructor(
    request: string,
    status: number,
    reason: string,
    message: string,
    options: ErrorOptions & { remedy?: string } = {},
  ) {
    super(message, options);
    this.request = request;
    this.status = status;
    this.reason = reason;
    if (options.remedy !== undefined) this.remedy = options.remedy;
  }
}

/** The server is not there, or does not take us: nothing is known about the cluster. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && error.status === 0;
}

/** Something else than a Kubernetes API answered: another server, or one before it that sends to a login. */
export function isElsewhere(error: unknown): boolean {
  return error instanceof ApiError && error.reason === REASON_ELSEWHERE;
}

/** The server can't prove who it is: trying again is in vain. */
export function isUntrusted(error: unknown): boolean {
  return isUnreachable(error) && (error as ApiError).reason === REASON_CERTIFICATE;
}

/** The server answered, and what it says is that it can't just now: overloaded, or a fault of its own. */
export function isTroubled(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 429 || error.status >= 500);
}

/** How the API server says that admission ended a request, whatever status a webhook chose for it. */
const BY_ADMISSION =
  /^: \d{3} \S* ?(?:Internal error occurred: )?(?:failed calling webhook "|admission webhook "[^"]+" denied the request)/;

/**
 * A webhook said no, or nobody answered for it: that is before anything is stored, so the request surely changed nothing,
 * although the status (500, say) leaves it open (M12, M32). Only the API server's own first words count.
 */
export function isStoppedByAdmission(error: unknown): boolean {
  return error instanceof ApiError && BY_ADMISSION.test(error.message.slice(error.request.length));
}

/** The version that was asked for is not kept any more: a watch, or a list in pages, begins anew. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

/** The server answered that the credential is not (or no longer) good. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** The object moved on since it was read: look again, then decide again. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}
