import { type Kind, qualified } from '../kinds.ts';

/** A request that is not carried out, with what Kubernetes would answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly reason: string;
  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

/**
 * What this cluster does not know: a path, a kind, a verb, a parameter. Never a canned success, and no answer that a
 * real server gives to a good request, so that nobody takes it for one.
 */
export function unknown(what: string): Refusal {
  return new Refusal(501, 'NotImplemented', `the embedded cluster does not know ${what}`);
}

export function notFound(kind: Kind, name: string): Refusal {
  return new Refusal(404, 'NotFound', `${qualified(kind)} "${name}" not found`);
}

export function invalid(kind: Kind, name: string, why: string): Refusal {
  const full = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new Refusal(422, 'Invalid', `${full} "${name}" is invalid: ${why}`);
}

export function badRequest(why: string): Refusal {
  return new Refusal(400, 'BadRequest', why);
}

export function conflict(kind: Kind, name: string, why: string): Refusal {
  return new Refusal(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${why}`,
  );
}

/** The body of the answer to a refused request. */
export function statusOf({ code, reason, message }: Pick<Refusal, 'code' | 'reason' | 'message'>): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}
