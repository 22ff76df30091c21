/** In what the releases that are stood in for differ; as in `accepted.ts`, from Istio's code at its release tags. */

function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}

/** From 1.28 on a tag has a Service beside its webhook. */
export function hasTagService(version: string): boolean {
  return minorOf(version) >= 28;
}

/** From 1.31 on `tag remove default` takes the default's validator, too. */
export function removesValidator(version: string): boolean {
  return minorOf(version) >= 31;
}

/**
 * From 1.27 on an install with a revision takes the default where nobody has it. Before, from 1.24, it took its own new
 * webhook for an installation that was there already.
 */
export function takesVacantDefault(version: string): boolean {
  return minorOf(version) >= 27;
}

/** From 1.26 on the values are kept in a ConfigMap. */
export function keepsValues(version: string): boolean {
  return minorOf(version) >= 26;
}

/**
 * How `proxy-status` answers.
 *
 * - `json`: one document of each istiod, since 1.30, where it is asked for
 * - `states`: a table with the state of some types, until 1.26
 * - `all states`: a table with the state of each type, from 1.27 on, with `-v 1`
 * - `counts`: a table that counts the types; until 1.29 whatever `-o` says
 */
export type StatusForm = 'json' | 'states' | 'all states' | 'counts';

export function statusForm(
  version: string,
  { output, verbosity }: Readonly<Record<'output' | 'verbosity', string | undefined>>,
): StatusForm {
  const minor = minorOf(version);
  if (minor <= 26) return 'states';
  if (output === 'json' && minor >= 30) return 'json';
  return verbosity === '1' ? 'all states' : 'counts';
}

/**
 * In what the stand-in's newest release differs from the others, of its own making: the testbed's builds are one code under
 * two names, and the two before are to be like them, while an upgrade has to be seen to bring something (issue 14). It has
 * a CRD more, another default in the mesh configuration, another name of a port of istiod's, a disruption budget more and a
 * pair of roles less.
 */
export function isLater(version: string): boolean {
  return minorOf(version) >= 32;
}
