import { expect, test } from '@jest/globals';
import { wholeLines } from '../../support/testbed-audit.ts';

const LOG = Buffer.from('{"a":1}\n{"b":2}\n{"c":3}\n{"d":');

test.each([
  ['from the beginning', 0, ['{"a":1}', '{"b":2}', '{"c":3}']],
  ['from the end of a line', 8, ['{"b":2}', '{"c":3}']],
  ['from the middle of one, which began before', 10, ['{"c":3}']],
  ['from the middle of the last, which has not ended', 27, []],
])('the audit log is read in whole lines: %s', (_, mark, lines) => {
  expect(wholeLines(LOG, mark)).toEqual(lines);
});
