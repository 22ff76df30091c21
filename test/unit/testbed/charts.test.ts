import { describe, expect, test } from '@jest/globals';
import { changed } from '../../../testbed/charts.ts';

describe('changes to charts', () => {
  const change = { file: 'a.yaml', from: 'old: 1\n', to: 'new: 2\n' };

  test('a file gets its own changes, in their order, and no others', () => {
    const after = { file: 'a.yaml', from: 'new: 2', to: 'new: 3' };
    const other = { file: 'b.yaml', from: 'x: 0\n', to: '' };
    expect(changed([change, after, other], 'a.yaml', 'x: 0\nold: 1\n')).toBe('x: 0\nnew: 3\n');
  });

  test.each([
    ['not', 'x: 0\n'],
    ['twice', 'old: 1\nold: 1\n'],
  ])('a text that is %s there stops the build', (_, text) => {
    expect(() => changed([change], 'a.yaml', text)).toThrow('a.yaml does not have this text once');
  });
});
