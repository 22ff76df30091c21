import { Rejection } from '../input-error.ts';
import { lines } from './lines.ts';

/** What the Action sets by itself: given twice, the two could differ. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ['revision', 'revision'],
  ['spec.revision', 'revision'],
  ['values.revision', 'revision'],
  ['unvalidatedValues.revision', 'revision'],
  ['istioNamespace', 'istio-namespace'],
  ['namespace', 'istio-namespace'],
  ['spec.namespace', 'istio-namespace'],
  ['values.global.istioNamespace', 'istio-namespace'],
]);

/** A value that istioctl takes as it stands, and that nobody means as it stands. */
interface Slip {
  readonly found: RegExp;
  /** What it is, behind the path. */
  readonly words: string;
  readonly remedy: string;
}

/**
 * istioctl gives `--set` to no shell and splits no commas (asked: `manifest generate --set` of 1.31.0), so all of this
 * would be installed, and succeed. A second setting is known by the fields of IstioOperatorSpec that have fields: other
 * words with dots are labels, or attributes such as `service.name=x`.
 */
const SLIPS: readonly Slip[] = [
  {
    found: /^(["'])(?:\\.|(?!\1)[^\\])*\1$/,
    words: 'its value stands in quotes, which would be installed, too',
    remedy: 'No shell reads the lines: leave out the quotes around a value.',
  },
  {
    found: /\s#/,
    words: 'a comment stands behind its value, and would be installed, too',
    remedy: 'Give a comment a line of its own.',
  },
  {
    found:
      /(?<!\\),\s*(?:spec\.)?(?:meshConfig|values|components|unvalidatedValues|addonComponents)[.[][^\s,=]*\s*=/,
    words: 'a second setting stands in its value, behind a comma',
    remedy: 'Give each setting a line of its own, without the comma.',
  },
];

/**
 * `path=value` lines for `istioctl install`; a value may hold `=`, `,` and spaces, but no line break, no comment, no quotes
 * around it and no second setting ({@link SLIPS}).
 * Throws a `Rejection` that tells lines and paths, never values: they may be secrets.
 */
export function readSet(text: string): string[] {
  const given = lines(text);
  const flaws = given.flatMap((line, index) => flawOf(line, index + 1));
  if (flaws.length === 0) return given;
  throw new Rejection(
    flaws.join(', '),
    `allowed is path=value, one a line (values are not shown here).${instead(given)}`,
  );
}

function flawOf(line: string, position: number): string[] {
  const path = pathOf(line);
  if (path === undefined) return [`entry ${position} (${line.length} characters) without path=`];
  if (RESERVED.has(path)) return [`"${path}"`];
  const slip = slipOf(line);
  return slip === undefined ? [] : [`"${path}" (${slip.words})`];
}

function instead(given: readonly string[]): string {
  const inputs = new Set(given.flatMap((line) => RESERVED.get(pathOf(line) ?? '') ?? []));
  const remedies = new Set(given.flatMap((line) => slipOf(line)?.remedy ?? []));
  const meant = remedies.size === 0 ? [] : ['A value that is meant so goes into a file of the input config.'];
  return [...[...inputs].map((input) => `Use the input ${input} instead.`), ...remedies, ...meant]
    .map((words) => ` ${words}`)
    .join('');
}

/** The first slip in a line's value; none where the line has no path. */
function slipOf(line: string): Slip | undefined {
  if (pathOf(line) === undefined) return undefined;
  const value = line.slice(line.indexOf('=') + 1).trim();
  return SLIPS.find(({ found }) => found.test(value));
}

/** The part before the first `=`; undefined where that is no path. */
function pathOf(line: string): string | undefined {
  const path = line.includes('=') ? line.slice(0, line.indexOf('=')).trim() : '';
  return /^[A-Za-z_][^\s=]*$/.test(path) ? path : undefined;
}
