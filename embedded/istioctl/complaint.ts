import { ACCEPTED, type AcceptedCommand, type AcceptedFlag, GLOBAL, type Span } from './accepted.ts';

/** The short form of `--revision` came with 1.10, but where the table says otherwise. */
const SHORT_REVISION = 10;

function isIn(minor: number, [since, last = Infinity]: Span): boolean {
  return minor >= since && minor <= last;
}

/**
 * What istioctl 1.`minor` says against a command line, without looking at the values; undefined where it accepts it. It
 * reads as cobra does: `--flag value`, `--flag=value`, `-f value`, and `--flag` alone where it is a switch.
 */
export function complaint(minor: number, args: readonly string[]): string | undefined {
  const words = args.slice(0, args.findIndex((arg) => arg.startsWith('-')) >>> 0);
  const command = ACCEPTED.find(({ spellings, names = 0 }) =>
    spellings.some((spelling) => isSpelled(spelling, words, names, minor)),
  );
  if (command === undefined) return `unknown command "${words.join(' ')}" for "istioctl" 1.${String(minor)}`;
  return flagComplaint(minor, command, args.slice(words.length));
}

function isSpelled(
  spelling: AcceptedCommand['spellings'][number],
  words: readonly string[],
  names: number,
  minor: number,
): boolean {
  const wanted = spelling.words.split(' ');
  const fits = words.length >= wanted.length && words.length <= wanted.length + names;
  return isIn(minor, spelling.span) && fits && wanted.every((word, at) => words[at] === word);
}

function flagComplaint(minor: number, command: AcceptedCommand, rest: readonly string[]): string | undefined {
  for (let at = 0; at < rest.length; at += 1) {
    const arg = rest[at] ?? '';
    if (!arg.startsWith('-')) return `the argument "${arg}" belongs to no flag`;
    const name = arg.split('=')[0] ?? '';
    const known = findFlag(minor, command, name);
    if (known === undefined) return `unknown flag: ${name} of istioctl 1.${String(minor)}`;
    if (arg.includes('=') || !known.value) continue;
    at += 1;
    if (at >= rest.length) return `flag needs an argument: ${name}`;
  }
  return undefined;
}

function findFlag(minor: number, command: AcceptedCommand, name: string): AcceptedFlag | undefined {
  return [...Object.entries(GLOBAL), ...Object.entries(command.flags)].find(
    ([long, flag]) => isIn(minor, flag.span) && (name === `--${long}` || isShort(minor, long, flag, name)),
  )?.[1];
}

function isShort(minor: number, long: string, { short, span: [since] }: AcceptedFlag, name: string): boolean {
  const letter = short ?? (long === 'revision' && Math.max(since, SHORT_REVISION) <= minor ? 'r' : undefined);
  return letter !== undefined && name === `-${letter}`;
}

/** The flags that istioctl 1.`minor` has for a command, without those of every command; undefined where it has no such command. */
export function acceptedFlags(minor: number, words: string): readonly string[] | undefined {
  const command = ACCEPTED.find(({ spellings }) =>
    spellings.some((spelling) => spelling.words === words && isIn(minor, spelling.span)),
  );
  if (command === undefined) return undefined;
  const there = Object.entries(command.flags).filter(([, { span }]) => isIn(minor, span));
  return there.map(([name]) => name).sort();
}
