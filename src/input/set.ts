import { Rejection } from '../input-error.ts';
import { lines } from './lines.ts';

/** What the Action sets by itself: given twice, the two could differ. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ['revision', 'revision'],
  ['spec.revision', 'revision'],
  ['values.revision', 'revision'],
  ['istioNamespace', 'istio-namespace'],
  ['namespace', 'istio-namespace'],
  ['spec.namespace', 'istio-namespace'],
  ['values.global.istioNamespace', 'istio-namespace'],
]);

/**
 * `path=value` lines for `istioctl install`; a value may hold `=`, `,` and spaces, but no line break.
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
  return RESERVED.has(path) ? [`"${path}"`] : [];
}

function instead(given: readonly string[]): string {
  const inputs = new Set(given.flatMap((line) => RESERVED.get(pathOf(line) ?? '') ?? []));
  return [...inputs].map((input) => ` Use the input ${input} instead.`).join('');
}

/** The part before the first `=`; undefined where that is no path. */
function pathOf(line: string): string | undefined {
  const path = line.includes('=') ? line.slice(0, line.indexOf('=')).trim() : '';
  return /^[A-Za-z_][^\s=]*$/.test(path) ? path : undefined;
}
