import { describe, expect, test } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { RECORDED, recordedPath, recordedReport } from '../../../scripts/recorded-reports.ts';
import { renderSummary } from '../../../src/report/summary.ts';

const ROOT = new URL('../../../', import.meta.url);

test.each(RECORDED)(
  'the summary of the recorded %s is as in the pictures: else npm run screenshots',
  (name) => {
    expect(renderSummary(recordedReport(name))).toBe(readFileSync(recordedPath(name, 'md'), 'utf8'));
  },
);

describe.each([
  { document: 'README.md', names: ['summary'] },
  { document: 'docs/summary.md', names: RECORDED },
])('$document', ({ document, names }) => {
  const at = new URL(document, ROOT);
  const images = [...readFileSync(at, 'utf8').matchAll(/(?:src|srcset)="([^"]+)"/g)].map(
    ([, path = '']) => path,
  );

  test('shows each picture in both themes', () => {
    const files = images.map((path) => path.replace(/^.*\//, ''));
    expect(files.sort()).toEqual(names.flatMap((name) => [`${name}-dark.png`, `${name}-light.png`]).sort());
  });

  test.each(images)('%s is there, and not too large to be loaded with a document', (path) => {
    expect(statSync(new URL(path, at)).size).toBeLessThan(200_000);
  });
});
