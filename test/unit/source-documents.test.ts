import { describe, expect, test } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readActionMetadata } from '../../scripts/action-metadata.ts';
import { findingIds } from '../../scripts/docs.ts';
import { SCENARIOS } from '../suite/scenarios/index.ts';

/** docs/source-documents.md: each instruction of the documents that describe the system, and who shows it. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const text = read('docs/source-documents.md');

interface Row {
  readonly id: string;
  readonly today: string;
  readonly versions: string;
  readonly how: string;
  readonly shown: string;
}

const cells = [...text.matchAll(/^\| (D\d-X?\d+) \| (.*) \|$/gm)].map(([, id = '', rest = '']) => ({
  id,
  cells: rest.split(' | '),
}));
const lines: readonly Row[] = cells
  .filter(({ id }) => !id.includes('X'))
  .map(({ id, cells: [, today = '', versions = '', how = '', shown = ''] }) => ({
    id,
    today: today.replaceAll('**', ''),
    versions,
    how,
    shown,
  }));
const defects: readonly Omit<Row, 'versions'>[] = cells
  .filter(({ id }) => id.includes('X'))
  .map(({ id, cells: [, today = '', how = '', shown = ''] }) => ({
    id,
    today: today.replaceAll('**', ''),
    how,
    shown,
  }));

const ids = (document: number, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `D${String(document)}-${String(at + 1).padStart(2, '0')}`);
const flaws = (document: number, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `D${String(document)}-X${String(at + 1)}`);

describe('docs/source-documents.md', () => {
  test('has each of the 147 instructions, once and in order', () => {
    expect(lines.map(({ id }) => id)).toEqual([48, 33, 28, 13, 25].flatMap((count, at) => ids(at, count)));
  });

  test('has each of the defects, once and in order', () => {
    expect(defects.map(({ id }) => id)).toEqual([4, 6, 5, 4, 3].flatMap((count, at) => flaws(at, count)));
  });

  test('says what is done about each in the words of its legend', () => {
    const legend = [...text.matchAll(/^\| \*\*([^*]+)\*\* +\|/gm)].map(([, word]) => word);
    expect(lines.filter(({ today }) => !legend.includes(today)).map(({ id }) => id)).toEqual([]);
    const known = ['Not copied', 'Not yet'];
    expect(defects.filter(({ today }) => !known.includes(today)).map(({ id }) => id)).toEqual([]);
  });

  test('says for which versions, and names a test or a scenario for each that is done', () => {
    const done = [...lines, ...defects].filter(({ today }) => today !== 'Not yet');
    expect(done.filter(({ shown }) => wordsOf(shown).length === 0).map(({ id }) => id)).toEqual([]);
    const without = lines.filter(({ today, versions }) => (today === 'Not yet') !== (versions === '–'));
    expect(without.map(({ id }) => id)).toEqual([]);
  });

  test('is shown by tests and scenarios that are there, and by nothing else', () => {
    const tests = [...lines, ...defects].flatMap(({ shown }) => wordsOf(shown));
    const scenarios = SCENARIOS.map(({ id }) => id);
    const unknown = tests.filter((word) =>
      word.startsWith('test/')
        ? !word.endsWith('.test.ts') || !existsSync(join(ROOT, word))
        : !scenarios.includes(word),
    );
    expect(unknown).toEqual([]);
  });

  test('names findings, steps, inputs and files that are there', () => {
    const words = [...lines, ...defects].flatMap(({ how }) => wordsOf(how));
    const files = words.filter((word) => word.startsWith('src/'));
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    const steps = globSync('src/steps/*.ts', { cwd: ROOT }).flatMap((path) =>
      [...read(path).matchAll(/\bid: (?:[^\n]* \? '([a-z-]+)' : )?'([a-z-]+)'/g)].flatMap(
        ([, ...ids]) => ids,
      ),
    );
    const known = [
      ...steps,
      ...findingIds(),
      ...Object.keys(readActionMetadata().inputs),
      // Of Istio, and not ours.
      ...['istio-injection', 'xds-grpc'],
    ];
    const named = words.filter((word) => /^[a-z]+(-[a-z0-9]+)+$/.test(word));
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((word) => !known.includes(word))).toEqual([]);
  });
});

function wordsOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}
