import type { Finding } from '../finding.ts';
import { didYouMean } from './nearest.ts';

/**
 * Inputs that were given and that there are not: the runner hands over all of `with:` as `INPUT_<NAME>`, and says
 * of an unknown one no more than a line in the log. One warning each, with the name that was probably meant.
 *
 * @param env of the process
 * @param known names in action.yml
 */
export function unknownInputs(
  env: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): Finding[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('INPUT_'))
    .map((name) => name.slice('INPUT_'.length).toLowerCase())
    .filter((name) => name !== '' && !known.includes(name))
    .map((name) => ({
      id: 'input-unknown',
      severity: 'warning',
      message: `there is no input ${JSON.stringify(name.slice(0, 60))}, so what it says has no effect.${didYouMean(name, known)}`,
      remedy: 'Correct its name in the step of the workflow, or take it out.',
    }));
}
