import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseFileCommands, parseWorkflowCommand } from '../../../scripts/workflow-command.ts';

describe('a line of a job', () => {
  test.each([
    ['::group::Install "1-31-0"', { name: 'group', properties: {}, message: 'Install "1-31-0"' }],
    ['::endgroup::', { name: 'endgroup', properties: {}, message: '' }],
    ['::add-mask::a::b', { name: 'add-mask', properties: {}, message: 'a::b' }],
    [
      '::error title=Istio%3A a%2C b,file=x.ts::one%0Atwo%25',
      { name: 'error', properties: { title: 'Istio: a, b', file: 'x.ts' }, message: 'one\ntwo%' },
    ],
  ])('%s', (line, command) => {
    expect(parseWorkflowCommand(line)).toEqual(command);
  });

  test.each(['text', ': :error::x', 'fe80::1', '::', ':: error::x'])('%s is text', (line) => {
    expect(parseWorkflowCommand(line)).toBeUndefined();
  });
});

describe('a file of the runner', () => {
  test('holds values of any lines, and the last one counts', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ -~\n]*$/)), (values) => {
        const text = values.map((value) => `a<<gh_1\n${value}\ngh_1\n`).join('');
        expect(parseFileCommands(text)).toEqual(values.length === 0 ? {} : { a: values.at(-1) });
      }),
    );
    expect(parseFileCommands('a=b=c\n\nx<<EOF\nEOF\n')).toEqual({ a: 'b=c', x: '' });
  });

  test.each(['junk', 'a<<EOF\nb'])('%j is not taken', (text) => {
    expect(() => parseFileCommands(text)).toThrow();
  });
});
