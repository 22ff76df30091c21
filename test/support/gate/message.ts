import type { KeyPair } from '../certificate.ts';
import type { Rule } from './fault.ts';

/** What the gate needs to stand before a server: the first line on its stdin. */
export interface Setup {
  readonly server: string;
  /** PEM of the server's authority. */
  readonly ca: string;
  /** How the gate shows itself to the server, so that the real user is kept. */
  readonly user: { readonly cert?: string; readonly key?: string; readonly token?: string };
  /** What the gate serves with. */
  readonly tls: KeyPair;
  /** What clients of the gate must send as bearer token. */
  readonly token: string;
  /** Where it listens. */
  readonly host: string;
}

/** Before it was forwarded; or after it was answered, with the answer withheld. */
export type When = 'before' | 'after';

/** What the gate can be told, a line each; it answers `{ done: id }`, or `{ failed: id, why }`. */
export type Command =
  | { readonly id: number; readonly do: 'arm'; readonly at: number; readonly when: When }
  | { readonly id: number; readonly do: 'reset' }
  /** These rules are in force instead of those before. */
  | { readonly id: number; readonly do: 'fault'; readonly rules: readonly Rule[]; readonly seed: number }
  /** Only this bearer token is taken from now on. */
  | { readonly id: number; readonly do: 'accept'; readonly token: string }
  /** Nothing: what was told before its answer is what had happened. */
  | { readonly id: number; readonly do: 'ping' };

/** A persisting request, counted as it arrives. */
export interface Arrival {
  /** From 1 since the last reset. */
  readonly n: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly userAgent: string;
  /** Of the body without the version it builds on: two requests with the same one ask for the same thing. */
  readonly digest: string;
}

/** A request that had been forwarded when the gate shut, and how the server answered it (0: not at all). */
export interface Answered extends Arrival {
  readonly status: number;
}

/** The gate has shut: nothing is forwarded any more, and what was under way has come to its end at the server. */
export interface Held extends Arrival {
  readonly when: When;
  /** How the server answered it; undefined where it was not forwarded. */
  readonly status?: number;
  /** The other persisting requests that had been forwarded and not yet answered. Their answers are withheld too. */
  readonly inFlight: readonly Answered[];
}

/** What the gate says, a line each. */
export type Event =
  | { readonly listening: number }
  | Arrival
  /** A renewal of the Action's Lease, counted apart. */
  | { readonly beat: number }
  | { readonly answered: number; readonly status: number }
  | (Omit<Held, 'n'> & { readonly held: number })
  /** New rules are in force. */
  | { readonly rules: number }
  /** A rule has met a request. */
  | { readonly fault: number; readonly method: string; readonly path: string; readonly userAgent: string }
  /** Counted from 0 again. */
  | { readonly reset: true }
  | { readonly done: number }
  | { readonly failed: number; readonly why: string };
