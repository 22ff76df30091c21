import type { Finding } from '../finding.ts';

/** A rollout that had so long has had its time, whenever it was begun: Kubernetes' own deadline for a Deployment's progress. */
const FAIR_MS = 600_000;
/** Where nothing else is known a restart takes so long, or one in twenty of what there is, so that a short run does its work. */
const LEAST = { ms: 30_000, share: 1 / 20 } as const;

/**
 * The time of one step's restarts. How long they take is learned from those that have ended; what can't end in what is left
 * is not begun, and what was begun late and is still under way at the end is not said to be broken.
 */
export class RestartTime {
  readonly #remainingMs: () => number;
  readonly #leastMs: number;
  /** What has ended, by its number of pods. */
  readonly #ended: { readonly pods: number; readonly tookMs: number }[] = [];
  #left = 0;
  #isShort = false;
  readonly #late: Finding[] = [];

  constructor(remainingMs: () => number) {
    this.#remainingMs = remainingMs;
    this.#leastMs = Math.min(LEAST.ms, remainingMs() * LEAST.share);
  }

  /** So many are to be restarted now. */
  expect(workloads: number): void {
    this.#left = workloads;
  }

  /** Whether there is time for one more, as those took that have no more pods; then it is begun. */
  begins(pods: number): boolean {
    const longestMs = this.#ended.reduce(
      (longest, one) => (one.pods <= pods ? Math.max(longest, one.tookMs) : longest),
      this.#leastMs,
    );
    const isEnough = this.#remainingMs() >= longestMs;
    if (isEnough) this.#left--;
    else this.#isShort = true;
    return isEnough;
  }

  /**
   * Waits for the rollout of one that was begun.
   *
   * @returns what is wrong with it: not that it was still under way when the time was up, if it had less than others or little
   */
  async spend(pods: number, rollout: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
    const isFirst = this.#ended.length === 0;
    const startedAt = performance.now();
    const findings = await rollout();
    const tookMs = performance.now() - startedAt;
    if (findings.length === 0) this.#ended.push({ pods, tookMs });
    const late = isFirst || tookMs >= FAIR_MS ? [] : findings.filter(({ id }) => id === 'workload-not-ready');
    this.#late.push(
      ...late.map((finding): Finding => ({
        ...finding,
        severity: 'warning',
        remedy: 'It was begun late. Run the phase again: it goes on where it stopped.',
      })),
    );
    return findings.filter((finding) => !late.includes(finding));
  }

  /** What the end of the time has left, first of all that it has ended; nothing where it has not. */
  told(): Finding[] {
    const late = this.#late.length;
    if (late === 0 && !this.#isShort) return [];
    const what =
      late === 0
        ? 'does not do for another restart'
        : `ended while ${String(late)} workloads were restarting`;
    return [
      {
        id: 'out-of-time',
        severity: 'error',
        message: `the time of this run ${what}; ${String(this.#left)} more are to be restarted`,
        remedy: 'Run the phase again: it goes on where it stopped. Or give it a longer timeout.',
      },
      ...this.#late,
    ];
  }
}
