import { expect, test } from '@jest/globals';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportPath, writeReport, writeSummary } from '../../../src/report/file.ts';
import { emptyReport, fullReport } from './reports.ts';
import { scratch } from '../../support/scratch.ts';

const directory = scratch('report-test');

test('the last report is there, whole, and nothing beside it', () => {
  writeReport(fullReport(), directory);
  writeReport(emptyReport(), directory);
  expect(JSON.parse(readFileSync(reportPath(directory), 'utf8'))).toEqual(emptyReport());
  expect(readdirSync(directory)).toEqual(['report.json']);
});

test('the summary replaces the one before', () => {
  const path = join(directory, 'summary');
  writeFileSync(path, 'a long summary of the step before');
  writeSummary('new', path);
  expect(readFileSync(path, 'utf8')).toBe('new');
});

test.each([undefined, ''])('without GITHUB_STEP_SUMMARY (%j) nothing is written', (path) => {
  expect(() => {
    writeSummary('text', path);
  }).not.toThrow();
});
