/** The kubeconfig can't be used as it is. The text never holds anything of its content but names. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

/** One thing that is wrong with a kubeconfig. */
export interface Flaw {
  /** Where it is, as a person finds it: `user "ops", exec.apiVersion`. */
  readonly field: string;
  /** What is the case; client-go's own words where it would refuse the same. */
  readonly words: string;
  readonly remedy?: string;
}

/** Throws all of the flaws at once, so that one edit is enough; nothing where there are none. */
export function refuseFlawed(flaws: readonly Flaw[]): void {
  if (flaws.length === 0) return;
  const each = flaws.map(({ field, words, remedy }) => {
    return `${field}: ${words.replace(/\.$/, '')}.${remedy === undefined ? '' : ` ${remedy}`}`;
  });
  throw new KubeconfigError(`the kubeconfig can't be used. ${each.join(' ')}`);
}
