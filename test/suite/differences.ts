import { isDeepStrictEqual } from 'node:util';

/** So many are told; where there are more, the first say enough. */
const MOST = 12;

/** Where two values differ, a line each, such as `storefront.istio.io/rev: "1-30-3", not "1-31-0"`. */
export function differences(is: unknown, wanted: unknown, path = ''): string[] {
  if (isDeepStrictEqual(is, wanted)) return [];
  const lines = isRecord(is) && isRecord(wanted) ? inside(is, wanted, path) : [line(is, wanted, path)];
  return capped(lines);
}

/** The first of the lines, and how many more there are. */
export function capped(lines: readonly string[]): string[] {
  return lines.length > MOST
    ? [...lines.slice(0, MOST), `… and ${String(lines.length - MOST)} more`]
    : [...lines];
}

function inside(is: Record<string, unknown>, wanted: Record<string, unknown>, path: string): string[] {
  const keys = [...new Set([...Object.keys(is), ...Object.keys(wanted)])].sort();
  return keys.flatMap((key) => differences(is[key], wanted[key], path === '' ? key : `${path}.${key}`));
}

function line(is: unknown, wanted: unknown, path: string): string {
  return `${path === '' ? '' : `${path}: `}${shown(is)}, not ${shown(wanted)}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
