import type { Finding } from '../finding.ts';
import type { InputProblem } from '../input-error.ts';
import { didYouMean, distanceOf } from './nearest.ts';

/** Of a name of so many letters, one that differs in one letter is a slip. */
const SURE = 6;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Inputs that there are not, and whose name is one of ours but for `_`, `-` or one letter: passed over, `dry_run: true` would
 * change the cluster, and without `expect_cluster` or `kube-config` it might be another one. Where the one that was meant says
 * the same, nothing is lost: so it is where a workflow keeps its own inputs in variables, `INPUT_DRY_RUN` among them.
 *
 * @param env of the process
 * @param known names in action.yml
 * @param read gives the text of one of them
 */
export function misspeltInputs(
  env: Environment,
  known: readonly string[],
  read: (name: string) => string,
): InputProblem[] {
  return unknown(env, known).flatMap(({ variable, input }) => {
    const meant = known.find((name) => isMisspelt(input, name));
    if (meant === undefined || env[variable]?.trim() === read(meant).trim()) return [];
    return {
      input,
      got: 'something, and there is no such input',
      allowed: `did you mean ${meant}? Correct the name, or take it out. A variable ${variable} that the workflow sets by env counts, too.`,
    };
  });
}

/**
 * Inputs that were given and that there are not, where they are not refused (`misspeltInputs`). One warning each, with the
 * name that was probably meant.
 *
 * @param env of the process
 * @param known names in action.yml
 */
export function unknownInputs(env: Environment, known: readonly string[]): Finding[] {
  return unknown(env, known).map(({ input }) => ({
    id: 'input-unknown',
    severity: 'warning',
    message: `there is no input ${JSON.stringify(input.slice(0, 60))}, so what it says has no effect.${didYouMean(input, known)}`,
    remedy: 'Correct its name in the step of the workflow, or take it out.',
  }));
}

/** Not every name that is near is meant: `confirm` is no `config`, and `ci` no `cni`. */
function isMisspelt(input: string, name: string): boolean {
  const plain = (text: string): string => text.replaceAll(/[-_\s]/g, '');
  const [given, ours] = [plain(input.slice(0, 60)), plain(name)];
  return given === ours || (ours.length >= SURE && distanceOf(given, ours) <= 1);
}

/** The runner hands over all of `with:` as `INPUT_<NAME>`, and says of an unknown one no more than a line in the log. */
function unknown(env: Environment, known: readonly string[]): { variable: string; input: string }[] {
  return Object.keys(env)
    .filter((variable) => variable.startsWith('INPUT_'))
    .map((variable) => ({ variable, input: variable.slice('INPUT_'.length).toLowerCase() }))
    .filter(({ input }) => input !== '' && !known.includes(input));
}
