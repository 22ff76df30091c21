import { expect, test } from '@jest/globals';
import { saysTagWasSet } from '../../../src/istioctl/tag.ts';
import { printed, recording } from './recording.ts';

const prod = (revision: string) => ({ tag: 'prod', revision });

test('a tag that was set is told by tag and revision', () => {
  expect(saysTagWasSet(recording('1.31.0', '052'), prod('1-31-0'))).toBe(true);
  expect(saysTagWasSet(recording('1.31.0', '059'), prod('1-31-0'))).toBe(true);
  expect(saysTagWasSet(recording('1.29.6', '052'), prod('1-29-6'))).toBe(true);
});

test('exit code 0 alone does not tell it (T05)', () => {
  expect(saysTagWasSet(printed({ stdout: 'Aborting operation.\n' }), prod('1-31-0'))).toBe(false);
  expect(saysTagWasSet(printed({}), prod('1-31-0'))).toBe(false);
});

test('another tag or revision, or another exit code, does not either', () => {
  expect(saysTagWasSet(recording('1.31.0', '052'), prod('canary'))).toBe(false);
  expect(saysTagWasSet(recording('1.31.0', '052'), { tag: 'other', revision: '1-31-0' })).toBe(false);
  expect(saysTagWasSet({ ...recording('1.31.0', '052'), code: 1 }, prod('1-31-0'))).toBe(false);
  expect(saysTagWasSet(recording('1.31.0', '453'), prod('canary'))).toBe(false);
});
