import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { movePatch, restartValue } from '../../../src/istio/moves.ts';
import { namespaceOf } from '../../../src/istio/namespace.ts';
import { originalsUnreadable, parseOriginals } from '../../../src/istio/originals.ts';
import { hostile } from '../report/hostile.ts';

const ANNOTATION = 'istio-upgrade/original-labels';

/** A namespace as it is read off the cluster. */
function shop(
  annotations: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> = {},
) {
  return namespaceOf({ metadata: { name: 'shop', labels, ...(annotations && { annotations }) } }, [], []);
}

test('what this Action writes can be read again', () => {
  const label = fc.option(fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,40}[a-z0-9])?$/), { nil: undefined });
  fc.assert(
    fc.property(label, label, (injection, revision) => {
      const labels = {
        other: 'x',
        ...(injection === undefined ? {} : { 'istio-injection': injection }),
        ...(revision === undefined ? {} : { 'istio.io/rev': revision }),
      };
      const patch = movePatch(shop(undefined, labels), '1-31-0') as {
        metadata: { annotations: Record<string, string> };
      };
      expect(shop(patch.metadata.annotations).originals).toEqual({
        'istio-injection': injection ?? null,
        'istio.io/rev': revision ?? null,
      });
    }),
  );
});

describe('what somebody else has written', () => {
  test.each([
    ['', 'no text'],
    ['{', 'no JSON'],
    ['null', 'no object'],
    ['[]', 'a list'],
    ['{}', 'nothing'],
    ['"istio.io/rev"', 'a string'],
    ['{"istio.io/rev":1}', 'a number as label'],
    ['{"istio.io/rev":{"a":"b"}}', 'an object as label'],
    ['{"istio.io/rev":"a b"}', 'no value of a label'],
    [`{"istio.io/rev":"${'x'.repeat(64)}"}`, 'a value that is too long'],
    [
      '{"istio.io/rev":null,"pod-security.kubernetes.io/enforce":"privileged"}',
      'a label that is not ours to set',
    ],
    ['{"__proto__":null}', 'no label at all'],
  ])('%s is unreadable: %s', (text) => {
    expect(parseOriginals(text)).toBeUndefined();
    // M37: it is told by name as a warning, and stops nobody.
    expect(shop({ [ANNOTATION]: text })).toMatchObject({ originals: undefined, unreadableOriginals: text });
    expect(originalsUnreadable('shop', text).severity).toBe('warning');
  });

  test('hostile text never becomes a label, and its finding is short and says what to do', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.json(), fc.constant('::error::'.repeat(30_000))), (text) => {
        const originals = parseOriginals(text);
        expect(
          Object.keys(originals ?? {}).filter((key) => !/^istio(-injection|\.io\/rev)$/.test(key)),
        ).toEqual([]);
        const { message, object, remedy } = originalsUnreadable('shop', text);
        expect(message.length).toBeLessThan(800);
        expect(message).not.toMatch(/[\n\r\u0000-\u001f]/);
        expect(object).toBe('Namespace shop');
        expect(remedy).toContain(`kubectl annotate namespace shop ${ANNOTATION}-`);
      }),
    );
  });

  test('a namespace without the annotation has none', () => {
    for (const annotations of [undefined, { other: '{' }]) {
      expect(shop(annotations)).toMatchObject({ originals: undefined, unreadableOriginals: undefined });
    }
  });
});

test('a restart counter that somebody else has written counts on', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(restartValue(`r@v#a.${text}`, 'r@v#a', true)).toMatch(/^r@v#a\.\d+$/);
    }),
  );
  expect(restartValue('r@v#a.NaN', 'r@v#a', true)).toBe('r@v#a.2');
  expect(restartValue('r@v#a.7', 'r@v#a', true)).toBe('r@v#a.8');
});
