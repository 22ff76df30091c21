import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** What action.yml says. */
export interface ActionMetadata {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default?: string; readonly required?: boolean }>
  >;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
  readonly runs: { readonly using: string; readonly main: string; readonly post: string };
}

/** Reads action.yml of this checkout. */
export function readActionMetadata(): ActionMetadata {
  return parse(readFileSync(new URL('../action.yml', import.meta.url), 'utf8')) as ActionMetadata;
}

/**
 * The environment by which the runner hands over inputs: `INPUT_` and the name in upper case, hyphens kept, with the
 * defaults of action.yml.
 *
 * @throws Error on an input that action.yml does not have: GitHub only warns, but here it is a slip of the hand
 */
export function inputEnvironment(inputs: Readonly<Record<string, string>>): Record<string, string> {
  const known = readActionMetadata().inputs;
  const unknown = Object.keys(inputs).filter((name) => !Object.hasOwn(known, name));
  if (unknown.length > 0) {
    throw new Error(`no such input: ${unknown.join(', ')}; there are: ${Object.keys(known).join(', ')}`);
  }
  const given = Object.entries(known).map(
    ([name, input]) => [name, inputs[name] ?? input.default ?? ''] as const,
  );
  return Object.fromEntries(
    given.map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  );
}
