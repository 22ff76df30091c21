/** Work that was begun before its result is needed. */
export interface Errand<T> {
  /** What came of it, once it has ended; whoever never asks hears of no failure either. */
  readonly result: () => Promise<T>;
  /** How long it took by itself, in milliseconds; so far, where it has not ended. */
  readonly durationMs: () => number;
}

/**
 * Work that is under way beside the run: what does not depend on each other need not wait for each other (issue 15). Its
 * results are asked for in the order in which it would be done one after the other, so that what is told first does not
 * depend on which was quicker.
 */
export class Errands {
  readonly #signal: AbortSignal;
  readonly #calledOff = new AbortController();
  readonly #pending = new Set<Promise<unknown>>();

  /** @param signal of the run */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Begins work; its signal fires when the run ends, or when nobody will ask for the result any more. */
  begin<T>(work: (signal: AbortSignal) => Promise<T>): Errand<T> {
    const from = performance.now();
    let to: number | undefined;
    const result = work(AbortSignal.any([this.#signal, this.#calledOff.signal])).finally(() => {
      to = performance.now();
    });
    // Told when it is asked for, if it is.
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#pending.add(settled);
    void settled.then(() => this.#pending.delete(settled));
    return {
      result: () => result,
      durationMs: () => Math.round((to ?? performance.now()) - from),
    };
  }

  /** Ends what is still under way, and waits until it has: no program and no download of it is left. */
  async callOff(): Promise<void> {
    this.#calledOff.abort(new Error('its result is not needed any more'));
    await Promise.all(this.#pending);
  }
}

type Results<T extends readonly (() => Promise<unknown>)[]> = {
  -readonly [K in keyof T]: Awaited<ReturnType<T[K]>>;
};

/**
 * Does things at the same time. Where some fail, it is the first of them in order that is thrown, whichever failed first,
 * and only when all have ended.
 */
export async function sideBySide<const T extends readonly (() => Promise<unknown>)[]>(
  works: T,
): Promise<Results<T>> {
  const ended = await Promise.allSettled(works.map((work) => work()));
  return ended.map((item) => {
    if (item.status === 'rejected') throw item.reason;
    return item.value;
  }) as Results<T>;
}
