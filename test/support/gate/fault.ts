/** What may befall a request. */
export type Fault =
  /** It is forwarded so much later. Further rules may meet it. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** The gate answers itself, and forwards nothing. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /**
   * The connection is reset: before anything was forwarded, after the server has answered and before the client has seen
   * any of it, or in the middle of the answer.
   */
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' | 'middle' }
  /** A stream (a watch) is cut after so long. */
  | { readonly kind: 'cut'; readonly afterMs: number }
  /** A watch that is told that its version is not kept any more, as an event in a stream. */
  | { readonly kind: 'expire' }
  /** The gate is not there for so long: what is open is reset, who connects is refused. */
  | { readonly kind: 'away'; readonly ms: number };

/** Which requests meet which fault. */
export interface Rule {
  /** All of it must match; a request that is not described is met. */
  readonly match?: {
    readonly methods?: readonly string[];
    /** Regular expression for path and query. */
    readonly path?: string;
    /** Regular expression. */
    readonly userAgent?: string;
    readonly watch?: boolean;
    /** Whether it asks to change something for good; renewals of the lock do not count. */
    readonly persisting?: boolean;
  };
  /** So many that match go by first. */
  readonly skip?: number;
  /** So many are met at most; default: all. */
  readonly times?: number;
  /** Chance of each, from 0 to 1. */
  readonly chance?: number;
  readonly fault: Fault;
}

/** What a rule looks at. */
export interface Candidate {
  readonly method: string;
  readonly path: string;
  readonly userAgent: string;
  readonly persisting: boolean;
}

/** Rules in force, with what each has seen. */
export class Faults {
  readonly #rules: readonly Rule[];
  readonly #seen: number[];
  readonly #met: number[];
  readonly #random: () => number;

  /** @param seed the same seed and the same order of requests make the same faults */
  constructor(rules: readonly Rule[], seed: number) {
    this.#rules = rules;
    this.#seen = rules.map(() => 0);
    this.#met = rules.map(() => 0);
    this.#random = generator(seed);
  }

  /** The rules that meet a request, up to the first that is no latency. @returns their index and fault */
  meet(candidate: Candidate): { readonly rule: number; readonly fault: Fault }[] {
    const met: { rule: number; fault: Fault }[] = [];
    for (const [index, rule] of this.#rules.entries()) {
      if (!matches(rule, candidate)) continue;
      const { skip = 0, times = Infinity, chance = 1, fault } = rule;
      this.#seen[index]!++;
      if (this.#seen[index]! <= skip || this.#met[index]! >= times || this.#random() >= chance) continue;
      this.#met[index]!++;
      met.push({ rule: index, fault });
      if (fault.kind !== 'latency') break;
    }
    return met;
  }
}

function matches({ match = {} }: Rule, { method, path, userAgent, persisting }: Candidate): boolean {
  return (
    (match.methods?.includes(method) ?? true) &&
    (match.path === undefined || new RegExp(match.path).test(path)) &&
    (match.userAgent === undefined || new RegExp(match.userAgent).test(userAgent)) &&
    (match.watch === undefined || /[?&]watch=(true|1)/.test(path) === match.watch) &&
    (match.persisting === undefined || match.persisting === persisting)
  );
}

/** Mulberry32: numbers from 0 up to 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
