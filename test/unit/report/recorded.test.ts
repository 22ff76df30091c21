import { expect, test } from '@jest/globals';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { RECORDED, recordedPath, recordedReport } from '../../../scripts/recorded-reports.ts';
import { renderSummary } from '../../../src/report/summary.ts';

test.each(RECORDED)(
  'the summary of the recorded %s is as in the pictures: else npm run screenshots',
  (name) => {
    expect(renderSummary(recordedReport(name))).toBe(readFileSync(recordedPath(name, 'md'), 'utf8'));
  },
);

test.each(RECORDED.flatMap((name) => ['light', 'dark'].map((theme) => `${name}-${theme}.png`)))(
  'docs/images/%s is there, and not too large to be loaded with a document',
  (file) => {
    const path = new URL(`../../../docs/images/${file}`, import.meta.url);
    expect(existsSync(path)).toBe(true);
    expect(statSync(path).size).toBeLessThan(200_000);
  },
);
