import { OUTCOMES, PHASES, STATES } from './outcome.ts';
import { type Redact, redactor } from './redact.ts';

/**
 * The secrets of a run as they become known: those of the kubeconfig at its beginning, tokens that a plugin or a login
 * gives while it goes on.
 */
export interface Masks {
  /** From now on these are hidden: by the runner, and in all that is written here. Call it before they could be quoted. */
  readonly add: (secrets: readonly string[]) => void;
  /** Takes out all that is known when it is called. */
  readonly redact: Redact;
}

/** Outputs are made of these; a runner that masks a part of one drops the output, and no `if:` fires. */
const WORDS: readonly string[] = [...PHASES, ...OUTCOMES, ...STATES, 'true', 'false', 'default'];

/** Whether a secret is a piece of a word that an output may be: it can be hidden in prose alone. */
export function isPartOfOutput(secret: string): boolean {
  return WORDS.some((word) => word.includes(secret));
}

/** @param tell how the runner is told of a secret; it is not told of those that would hide an output */
export function createMasks(tell: (secret: string) => void): Masks {
  const known = new Set<string>();
  let redact = redactor([]);
  return {
    add: (secrets) => {
      const fresh = secrets.filter((secret) => secret.trim() !== '' && !known.has(secret));
      if (fresh.length === 0) return;
      for (const secret of fresh) {
        known.add(secret);
        if (!isPartOfOutput(secret)) tell(secret);
      }
      redact = redactor([...known]);
    },
    redact: (text) => redact(text),
  };
}
