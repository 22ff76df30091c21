import { parseArgs } from 'node:util';
import { usage } from './refusal.ts';

/** The flags that are known, each with its short form; `multiple` ones may come again. */
const FLAGS = {
  context: { type: 'string' },
  'dry-run': { type: 'boolean' },
  filename: { type: 'string', short: 'f', multiple: true },
  istioNamespace: { type: 'string', short: 'i' },
  'kubeclient-timeout': { type: 'string' },
  kubeconfig: { type: 'string', short: 'c' },
  output: { type: 'string', short: 'o' },
  overwrite: { type: 'boolean' },
  'auto-inject-namespaces': { type: 'boolean' },
  'readiness-timeout': { type: 'string' },
  remote: { type: 'string' },
  revision: { type: 'string', short: 'r' },
  set: { type: 'string', short: 's', multiple: true },
  verbosity: { type: 'string', short: 'v' },
  'skip-confirmation': { type: 'boolean', short: 'y' },
  wait: { type: 'boolean', short: 'w' },
} as const;

export type FlagName = keyof typeof FLAGS;

/** Where the cluster is, and how long one request may take. */
export const ACCESS: readonly FlagName[] = ['kubeconfig', 'context', 'kubeclient-timeout'];

/** What a command line says beside its command. */
export interface Given {
  readonly positionals: readonly string[];
  text(name: FlagName): string | undefined;
  all(name: FlagName): readonly string[];
  has(name: FlagName): boolean;
}

/**
 * Reads a command line.
 *
 * @param known the flags of the command; any other is refused, as istioctl does
 */
export function readFlags(args: readonly string[], known: readonly FlagName[]): Given {
  const options = Object.fromEntries(known.map((name) => [name, FLAGS[name]]));
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  return {
    positionals,
    text: (name) => values[name] as string | undefined,
    all: (name) => (values[name] ?? []) as string[],
    has: (name) => values[name] === true,
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration as Go writes it, of one unit. */
export function duration(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined)
    throw usage(`invalid argument ${JSON.stringify(text)}: not a duration that is known`);
  return Number(number) * factor;
}
