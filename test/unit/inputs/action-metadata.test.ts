import { expect, test } from '@jest/globals';
import { inputEnvironment, readActionMetadata } from '../../../scripts/action-metadata.ts';
import { OUTPUTS } from '../../../src/outputs.ts';

const metadata = readActionMetadata();

test('the outputs are those of action.yml', () => {
  expect(Object.keys(metadata.outputs).sort()).toEqual([...OUTPUTS].sort());
});

test('every input and output is described in sentences', () => {
  for (const { description } of [...Object.values(metadata.inputs), ...Object.values(metadata.outputs)]) {
    expect(description).toMatch(/^.{20,400}\.$/);
  }
});

test('every input is required or has a default, as a text', () => {
  for (const input of Object.values(metadata.inputs)) {
    expect(input.required === true ? 'string' : typeof input.default).toBe('string');
  }
});

test('runs on Node 24, and cleans up always', () => {
  expect(metadata.runs).toEqual({
    using: 'node24',
    main: 'dist/main.js',
    post: 'dist/post.js',
    'post-if': 'always()',
  });
});

test('inputs go over as the runner writes them', () => {
  expect(inputEnvironment({ 'dry-run': 'true' })).toMatchObject({
    'INPUT_DRY-RUN': 'true',
    'INPUT_ISTIO-NAMESPACE': 'istio-system',
    INPUT_VERSION: '',
  });
  expect(() => inputEnvironment({ 'dry-rnu': 'true' })).toThrow(/no such input: dry-rnu; there are: phase,/);
});
