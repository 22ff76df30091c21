/** How many workloads are restarted at once where nobody says: so many at least and at most. */
const PARALLEL = { least: 20, most: 100 } as const;

/** One in so many workloads: 20 at a time are quick for 10 and slow for 2,000. */
const SHARE = 20;

/**
 * Of the workloads that restart at once, no more pods than this all together: their proxies connect to one istiod, and
 * thousands at once wait for minutes (H60). A workload with more than that goes alone.
 */
export const PODS_AT_ONCE = 500;

/** How many workloads are restarted at once: as the input says, else by how many there are. */
export function parallelOf(workloads: number, wanted: number | undefined): number {
  const { least, most } = PARALLEL;
  return wanted ?? Math.min(Math.max(Math.ceil(workloads / SHARE), least), most);
}

/** Lets work begin as long as all that is under way has no more pods than {@link PODS_AT_ONCE}. */
export class Pace {
  #pods = 0;
  #running = 0;
  #waiting: (() => void)[] = [];

  /** Waits until there is room for so many pods. Whoever has entered must leave. */
  async enter(pods: number): Promise<void> {
    while (this.#running > 0 && this.#pods + pods > PODS_AT_ONCE)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    this.#pods += pods;
  }

  leave(pods: number): void {
    this.#running--;
    this.#pods -= pods;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}
