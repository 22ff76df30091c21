import type { Answered, Arrival, Event, When } from './message.ts';

/** Counts persisting requests, and shuts the gate at one of them. */
export class Hold {
  readonly #tell: (event: Event) => void;
  #count = 0;
  #armed: { readonly at: number; readonly when: When } | undefined;
  /** The request it was shut at, and what the server answered to it. */
  #last: { readonly arrival: Arrival; status?: number } | undefined;
  readonly #inFlight = new Set<Arrival>();
  readonly #settled: Answered[] = [];

  constructor(tell: (event: Event) => void) {
    this.#tell = tell;
  }

  /** Whether it is shut: nothing is forwarded, no answer given. */
  get shut(): boolean {
    return this.#last !== undefined;
  }

  /** Shuts the gate at a request that is still to come. */
  arm(at: number, when: When): void {
    if (at <= this.#count) throw new Error(`request ${at} has passed: ${this.#count} were counted`);
    this.#armed = { at, when };
  }

  /** Opens it and counts from 0. What is under way is forgotten. */
  reset(): void {
    this.#count = 0;
    this.#armed = undefined;
    this.#last = undefined;
    this.#inFlight.clear();
    this.#settled.length = 0;
  }

  /** Counts a request. @returns what to answer to {@link answered}, or undefined where it must not be forwarded */
  arrive(asked: Omit<Arrival, 'n'>): Arrival | undefined {
    if (this.shut) return undefined;
    const arrival = { n: ++this.#count, ...asked };
    this.#tell(arrival);
    const { at, when } = this.#armed ?? {};
    if (at !== arrival.n) {
      this.#inFlight.add(arrival);
      return arrival;
    }
    this.#last = { arrival };
    if (when === 'after') {
      this.#inFlight.add(arrival);
      return arrival;
    }
    this.#tellWhenSettled();
    return undefined;
  }

  /** The server has answered a request that was forwarded; status 0: it did not, and never will. */
  answered(arrival: Arrival, status: number): void {
    if (!this.#inFlight.delete(arrival)) return; // from before a reset
    this.#tell({ answered: arrival.n, status });
    if (this.#last === undefined) return;
    if (arrival === this.#last.arrival) this.#last.status = status;
    else this.#settled.push({ ...arrival, status });
    this.#tellWhenSettled();
  }

  #tellWhenSettled(): void {
    if (this.#last === undefined || this.#armed === undefined || this.#inFlight.size > 0) return;
    const { arrival, status } = this.#last;
    const { n, ...rest } = arrival;
    this.#tell({
      held: n,
      ...rest,
      when: this.#armed.when,
      ...(status === undefined ? {} : { status }),
      inFlight: [...this.#settled],
    });
  }
}
