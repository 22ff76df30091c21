import { posix } from 'node:path';

/** One `--set` line, taken apart as istioctl does it. */
export interface SetValue {
  /** The path as it was given; no secret. */
  readonly path: string;
  /** Keys and, in brackets, selectors of list elements: `a[0].b` is `a`, `[0]`, `b`. */
  readonly segments: readonly string[];
  readonly value: string | number | boolean;
}

/** A `--set` line that can't be carried in a file without changing its meaning. Names the path, never the value. */
export class UnfaithfulSetValue extends Error {
  override readonly name = 'UnfaithfulSetValue';
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`set: ${path}: ${reason}; write it into a file of the input config instead`);
    this.path = path;
  }
}

/** Paths whose values istioctl never turns into numbers or booleans (`alwaysString` in operator/pkg/values/map.go). */
const ALWAYS_STRING = [
  'spec.values.compatibilityVersion',
  'spec.tag',
  'spec.values.global.tag',
  'spec.meshConfig.defaultConfig.proxyMetadata.',
  'spec.values.meshConfig.defaultConfig.proxyMetadata.',
  'spec.compatibilityVersion',
];

/**
 * Reads `path=value` with the rules of istioctl's own parser (operator/pkg/values/map.go, 1.24 and later), which are
 * not Helm's: `null` is a word, `{a,b}` is a word, and `\,` in a word is a comma.
 *
 * @throws UnfaithfulSetValue
 */
export function parseSetValue(line: string): SetValue {
  const at = line.indexOf('=');
  const path = (at < 0 ? line : line.slice(0, at)).trim();
  const text = at < 0 ? '' : line.slice(at + 1).trim();
  const specPath = `spec.${path}`;
  const value = ALWAYS_STRING.some((prefix) => specPath.startsWith(prefix)) ? text : typed(path, text);
  return { path, segments: splitPath(path), value };
}

/** Go's Atoi, else ParseFloat, else ParseBool, else a word. */
function typed(path: string, text: string): string | number | boolean {
  if (/^[+-]?\d+$/.test(text)) {
    // A file's numbers pass through a float on their way, the command line's do not.
    if (!Number.isSafeInteger(Number(text))) throw new UnfaithfulSetValue(path, 'the number is too large');
    return Number(text) || 0;
  }
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    const number = Number(text);
    // Out of range is no number for Go, so it stays a word.
    return Number.isFinite(number) ? number || 0 : text;
  }
  if (/^[+-]?(inf|infinity|nan|0x[\da-f_]*\.?[\da-f_]*p[+-]?\d+)$/i.test(text)) {
    throw new UnfaithfulSetValue(path, 'a file cannot hold such a number');
  }
  if (/^(t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(f|F|FALSE|false|False)$/.test(text)) return false;
  return text.replaceAll('\\,', ',');
}

/** Splits at dots that no backslash precedes, and before a bracket. */
function splitPath(path: string): string[] {
  // istioctl cleans the path as if it were one of files, which eats parts of keys with slashes.
  if (posix.normalize(path) !== path || path.endsWith('/'))
    throw new UnfaithfulSetValue(path, 'the path is ambiguous');
  const keys = path.split(/(?<!\\)\./).filter((part) => part !== '');
  const segments = keys.flatMap((part) => {
    const key = part.replaceAll('\\.', '.');
    const bracket = key.indexOf('[');
    return bracket > 0 ? [key.slice(0, bracket), key.slice(bracket)] : [key];
  });
  if (segments.length === 0) throw new UnfaithfulSetValue(path, 'the path is empty');
  return segments;
}
