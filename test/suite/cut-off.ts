import type { ApiAnswer } from './api.ts';
import { messageOf } from './objects.ts';

/** What the API server says where a webhook's pod ends while it is asked, or has just ended. */
const CUT_OFF = /failed to call webhook: .*(EOF|connection reset by peer|connection refused|broken pipe)$/;

/**
 * Questions, asked in rounds, that an istiod did not answer because it ended that moment. That may be where the only istiods
 * are replaced, once: in the next round the same question must be answered.
 */
export class CutOff {
  readonly #isReplaced: boolean;
  #before: ReadonlySet<string> = new Set();
  #now = new Set<string>();
  #count = 0;

  constructor(isReplaced: boolean) {
    this.#isReplaced = isReplaced;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether an answer is that of an istiod that ended, and may be. */
  excuses(question: string, answer: ApiAnswer): boolean {
    if (!this.#isReplaced || answer.status !== 500 || !CUT_OFF.test(messageOf(answer))) return false;
    this.#now.add(question);
    if (this.#before.has(question)) return false;
    this.#count += 1;
    return true;
  }

  nextRound(): void {
    this.#before = this.#now;
    this.#now = new Set();
  }
}
