import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonDocuments } from '../../../src/istioctl/json-documents.ts';
import { cutLogLines, lastWords, proseLines } from '../../../src/istioctl/output.ts';
import { printed, recording } from './recording.ts';

describe('log lines (T11)', () => {
  test('are cut off from JSON', () => {
    const { stdout } = recording('1.31.0', '154');
    expect(stdout).toMatch(/^2026-.*\terror\tklog\t/);
    expect(parseJsonDocuments(cutLogLines(stdout))).toMatchObject([{ clientVersion: { version: '1.31.0' } }]);
  });

  test('are nothing else', () => {
    const { stdout } = recording('1.31.0', '113');
    expect(cutLogLines(stdout)).toBe(stdout);
  });

  test('colours go, too', () => {
    expect(cutLogLines('\u001b[31mError\u001b[0m text')).toBe('Error text');
  });
});

describe('words of istioctl', () => {
  test.each([
    ['085', 'Error: no running Istio pods in "istio-system"'],
    ['114', 'Error: could not find target revision'],
    ['057', 'Error: revision tag "prod" already exists, and --overwrite is false'],
    ['453', 'panic: runtime error: index out of range [0] with length 0'],
  ])('of recording %s are its error', (name, words) => {
    expect(lastWords(recording('1.31.0', name))).toBe(words);
  });

  test('of an install are without the ship and its progress', () => {
    expect(lastWords(recording('1.31.0', '031'))).toMatch(
      /^Error: failed to install manifests: .* 6s: context deadline exceeded$/,
    );
    expect(lastWords(recording('1.31.0', '029'))).toMatch(/^Error: generate config: .*unknown field "nope"/);
    expect(proseLines(recording('1.31.0', '037').stderr)[0]).toBe('- Processing resources for Istio core.');
  });

  test('fall back to stdout, have no log lines, one line and an end', () => {
    expect(lastWords(printed({ stdout: 'a\nb\n\nc\nd' }))).toBe('b c d');
    expect(lastWords(recording('1.31.0', '155'))).toMatch(/^Error: could not get XDS/);
    fc.assert(
      fc.property(fc.string({ maxLength: 3000 }), fc.string({ maxLength: 3000 }), (stdout, stderr) => {
        const words = lastWords({ stdout, stderr });
        expect(words).not.toContain('\n');
        expect(words.length).toBeLessThanOrEqual(501);
      }),
    );
  });
});
