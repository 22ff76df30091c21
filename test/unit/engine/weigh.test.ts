import { expect, test } from '@jest/globals';
import { withoutInstalling } from '../../../src/engine/weigh.ts';
import type { Finding } from '../../../src/finding.ts';

const finding = (id: string, severity: Finding['severity'] = 'error'): Finding => ({
  id,
  severity,
  message: 'as it was weighed',
  remedy: 'as it was weighed',
});
const weighed = [
  finding('configuration-would-be-lost'),
  finding('given-up-not-restored', 'warning'),
  finding('no-room-for-surge'),
];
const told = (begins: boolean) =>
  withoutInstalling(weighed, begins).map(({ id, severity }) => `${severity} ${id}`);

test('a canary that installs nothing takes nothing away, and says what it was not given', () => {
  expect(told(true)).toEqual(['warning configuration-would-be-lost', 'warning given-up-not-restored']);
  expect(withoutInstalling(weighed, true)[0]?.remedy).toContain('installs nothing');
});

test('what goes on and installs nothing takes any configuration; what does not come back is told all the same', () => {
  expect(told(false)).toEqual(['warning given-up-not-restored']);
});
