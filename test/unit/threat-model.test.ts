import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCUMENT = readFileSync(join(ROOT, 'docs/threat-model.md'), 'utf8');

/** The rows of its tables, in cells. */
const ROWS = DOCUMENT.split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (Goal|-+) /.test(line))
  .map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  );

/** A file of tests, and how the title of one in it begins. */
function testIn(cell: string): { readonly file: string; readonly title: string } | undefined {
  const [, file, title] = /^`(test\/[\w/.-]+\.test\.ts)`: (\S.*)$/.exec(cell) ?? [];
  return file === undefined || title === undefined ? undefined : { file, title };
}

function isThere(cell: string): boolean {
  const named = testIn(cell);
  if (named === undefined || !existsSync(join(ROOT, named.file))) return false;
  const text = readFileSync(join(ROOT, named.file), 'utf8');
  const strings = [...text.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)];
  return strings.some(([literal]) => literal.includes(named.title));
}

test('there is an attacker for each position', () => {
  expect(DOCUMENT.match(/^## /gm)).toHaveLength(8);
  expect(ROWS.length).toBeGreaterThanOrEqual(35);
});

describe.each(ROWS)('%s (%s)', (...[, possible = '', what = '', shows = '']) => {
  test('has an answer, and a test that is there', () => {
    expect(possible).toMatch(/^(no|\*\*possible\*\*)/);
    expect(what).not.toBe('');
    expect([shows, isThere(shows)]).toEqual([shows, true]);
  });
});

test('a test that is not there is seen', () => {
  expect(isThere('`test/unit/threat-model.test.ts`: a test that is not there is')).toBe(true);
  expect(
    isThere('`test/unit/threat-model.test.ts`: a test that was never written'.replace('was', 'is')),
  ).toBe(false);
  expect(isThere('`test/unit/nothing.test.ts`: a')).toBe(false);
  expect(isThere('')).toBe(false);
});
