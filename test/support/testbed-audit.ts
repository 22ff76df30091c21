import { readFileSync, statSync } from 'node:fs';

/** One request as the API server's audit log has it; the part that is read here. */
export interface AuditEvent {
  readonly auditID: string;
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  /** Without a name for a request that nobody was known by. */
  readonly user: { readonly username?: string };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly apiGroup?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  /** When the server got it. */
  readonly requestReceivedTimestamp: string;
  readonly responseStatus?: { readonly code?: number };
  /** What was sent, where the audit policy keeps it: of writes to the kinds that the Action writes itself. */
  readonly requestObject?: unknown;
}

/** A cluster's audit log: every request of users, in the order in which they ended. */
export class AuditLog {
  readonly #path: string;
  constructor(path: string) {
    this.#path = path;
  }

  /** Where the log ends now. */
  mark(): number {
    return statSync(this.#path).size;
  }

  /** The requests of people (and so of the Action and its istioctl) since a mark. */
  since(mark: number): AuditEvent[] {
    return wholeLines(readFileSync(this.#path), mark)
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter(
        ({ user: { username = '' } }) => !username.startsWith('system:') && username !== 'testbed-kubelet',
      );
  }
}

/** The lines that begin and end after a mark: the server may be in the middle of one, there and at the end. */
export function wholeLines(log: Buffer, mark: number): string[] {
  const begins = mark === 0 ? 0 : log.indexOf('\n', mark - 1) + 1;
  if (begins === 0 && mark > 0) return [];
  const text = log.subarray(begins, log.lastIndexOf('\n') + 1).toString();
  return text.split('\n').filter((line) => line !== '');
}

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** What may be sent although nothing is to be persisted (promise 1), by resource. */
const HARMLESS = [
  'selfsubjectaccessreviews',
  'selfsubjectrulesreviews',
  'selfsubjectreviews',
  'serviceaccounts/token',
  'pods/portforward',
];

/** What tests themselves write by. */
const OURS = /^(kubectl\/|scenario-suite$)/;

/** The requests that asked to change something for good, whatever came of it, but those of the tests. */
export function persisting(events: readonly AuditEvent[]): string[] {
  return events
    .filter(({ userAgent = '' }) => !OURS.test(userAgent))
    .filter(({ verb }) => WRITES.includes(verb))
    .filter(({ requestURI }) => new URL(requestURI, 'https://server').searchParams.get('dryRun') !== 'All')
    .filter((event) => !HARMLESS.includes(resourceOf(event)))
    .map((event) => `${event.verb} ${event.requestURI} by ${event.userAgent ?? 'unknown'}`);
}

function resourceOf({ objectRef }: AuditEvent): string {
  return [objectRef?.resource, objectRef?.subresource].filter(Boolean).join('/');
}
