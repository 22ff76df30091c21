import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { mergeSpecs, renderOverlay } from '../../../src/istioctl/overlay.ts';
import { UnfaithfulSetValue, parseSetValue } from '../../../src/istioctl/set-value.ts';

type Tree = Record<string, unknown>;

/** `spec` of the overlay for `set` lines over the user's files. */
const spec = (set: readonly string[], user: unknown = {}): unknown =>
  (parse(renderOverlay(set, user), { version: '1.1' }) as Tree).spec;
/** What istioctl would have before it looks at profiles. */
const effect = (set: readonly string[], user: unknown): unknown => mergeSpecs([user, spec(set, user)]);

describe('the value of a set line', () => {
  test.each([
    ['3', 3],
    ['-3', -3],
    ['+3', 3],
    ['007', 7],
    ['-0', 0],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['1e3', 1000],
    ['1e999', '1e999'],
    ['true', true],
    ['T', true],
    ['FALSE', false],
    ['tRUE', 'tRUE'],
    ['yes', 'yes'],
    ['on', 'on'],
    ['null', 'null'],
    ['~', '~'],
    ['', ''],
    ['{a,b}', '{a,b}'],
    ['a\\,b', 'a,b'],
    ['1_000', '1_000'],
    ['0x10', '0x10'],
    ['0o7', '0o7'],
    ['12:30:45', '12:30:45'],
    ['2026-11-23', '2026-11-23'],
    ['a=b', 'a=b'],
    ['"quoted"', '"quoted"'],
    ['  padded  ', 'padded'],
  ])('%j is %j, as for istioctl, and still is when YAML 1.1 has read it', (text, value) => {
    expect(parseSetValue(`a.b=${text}`).value).toBe(value);
    expect(spec([`a.b=${text}`])).toEqual({ a: { b: value } });
  });

  test.each([
    'tag',
    'compatibilityVersion',
    'values.global.tag',
    'values.compatibilityVersion',
    'meshConfig.defaultConfig.proxyMetadata.X',
  ])('of %s is always a word', (path) => {
    expect(parseSetValue(`${path}=1.30`).value).toBe('1.30');
    expect(parseSetValue(`${path}=true`).value).toBe('true');
  });

  test.each(['9007199254740993', 'NaN', '-Inf', '+infinity', '0x1p-2'])(
    '%s cannot be carried, and is not shown',
    (text) => {
      expect(() => parseSetValue(`values.secret=${text}`)).toThrow(UnfaithfulSetValue);
      try {
        parseSetValue(`values.secret=${text}`);
      } catch (error) {
        expect(String(error)).toContain('values.secret');
        expect(String(error)).not.toContain(text);
      }
    },
  );
});

describe('the path of a set line', () => {
  test.each([
    ['a.b.c', ['a', 'b', 'c']],
    ['a\\.b.c', ['a.b', 'c']],
    [
      'values.x.container\\.apparmor\\.security\\.beta\\.kubernetes\\.io/istio-proxy',
      ['values', 'x', 'container.apparmor.security.beta.kubernetes.io/istio-proxy'],
    ],
    ['a[0].b', ['a', '[0]', 'b']],
    ['a.[0].b', ['a', '[0]', 'b']],
    ['a[name:x]', ['a', '[name:x]']],
    ['a..b.', ['a', 'b']],
  ])('%s is %j', (path, segments) => {
    expect(parseSetValue(`${path}=1`).segments).toEqual(segments);
  });

  test.each(['a//b', 'a/../b', 'a/', './a', ''])('%j is ambiguous', (path) => {
    expect(() => parseSetValue(`${path}=1`)).toThrow(UnfaithfulSetValue);
  });
});

describe('the overlay', () => {
  test('is an IstioOperator', () => {
    expect(parse(renderOverlay(['a=1'], {}))).toEqual({
      apiVersion: 'install.istio.io/v1alpha1',
      kind: 'IstioOperator',
      spec: { a: 1 },
    });
  });

  test('has later lines over earlier ones', () => {
    expect(spec(['a.b=1', 'a.c=x', 'a.b=2'])).toEqual({ a: { b: 2, c: 'x' } });
    expect(spec(['a.b=1', 'a=2'])).toEqual({ a: 2 });
  });

  test('appends to a list, whatever the number', () => {
    expect(spec(['a[0].n=x', 'a[7].n=y', 'a[0].m=z'])).toEqual({ a: [{ n: 'x', m: 'z' }, { n: 'y' }] });
    expect(spec(['a[0]=x', 'a[1]=y'])).toEqual({ a: ['x', 'y'] });
  });

  test('keeps the elements that the files have in a list', () => {
    const user = { gateways: [{ name: 'in', enabled: true }, { name: 'out' }], other: 1 };
    expect(spec(['gateways[name:out].enabled=false'], user)).toEqual({
      gateways: [
        { name: 'in', enabled: true },
        { name: 'out', enabled: false },
      ],
    });
    expect(spec(['gateways[0].enabled=false', 'gateways[2].name=new'], user)).toMatchObject({
      gateways: [{ name: 'in', enabled: false }, { name: 'out' }, { name: 'new' }],
    });
    expect(user.gateways[0]).toEqual({ name: 'in', enabled: true });
  });

  test.each([
    [['a[name:x].b=1'], { a: [] }],
    [['a[x].b=1'], { a: [{}] }],
    [['a[0][1]=1'], {}],
    [['a[0]=1'], { a: ['there'] }],
    [['a[0].b=1'], { a: ['there'] }],
    [['a[0]=1'], { a: { no: 'list' } }],
    [['a=1', 'a.b=2'], {}],
    [['a[0.b=1'], {}],
    [['[0].b=1'], {}],
  ])('refuses %j over %j, for which istioctl fails or panics', (set, user) => {
    expect(() => renderOverlay(set, user)).toThrow(UnfaithfulSetValue);
  });

  test('makes keys of any name, and changes no prototype', () => {
    renderOverlay(['__proto__.polluted=1', 'constructor.prototype.polluted=1'], {});
    expect({}).not.toHaveProperty('polluted');
    expect(renderOverlay(['__proto__.a=1'], {})).toContain('"__proto__"');
    expect(spec(['toString.a=1'])).toEqual({ toString: { a: 1 } });
  });

  test('has the effect that istioctl gives the lines', () => {
    const key = fc.constantFrom('a', 'b', 'c.d', 'e/f');
    const path = fc.array(key, { minLength: 1, maxLength: 4 });
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.integer().map(String),
      fc.constantFrom('true', 'yes', '1e3', '- x', '#', '{', '"'),
    );
    const line = fc.tuple(
      path,
      text.filter((value) => !/[\n\r]/.test(value)),
    );
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.dictionary(
        key,
        fc.oneof({ depthSize: 'small' }, fc.integer(), fc.array(fc.integer()), tie('tree')),
        { maxKeys: 3 },
      ),
    }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), tree, (lines, user) => {
        const set = lines.map(
          ([keys, value]) => `${keys.map((name) => name.replaceAll('.', '\\.')).join('.')}=${value}`,
        );
        const expected = tryAll(lines, user);
        if (expected === undefined) return;
        let actual: unknown;
        try {
          actual = effect(set, user);
        } catch (error) {
          expect(error).toBeInstanceOf(UnfaithfulSetValue);
          return;
        }
        expect(actual).toEqual(expected);
      }),
    );
  });
});

/** The obvious way: sets one value after the other in the user's own tree; undefined where istioctl panics. */
function tryAll(lines: readonly (readonly [string[], string])[], user: Tree): Tree | undefined {
  const result = structuredClone(user);
  for (const [keys, text] of lines) {
    let at = result;
    for (const key of keys.slice(0, -1)) {
      at[key] ??= {};
      if (typeof at[key] !== 'object' || Array.isArray(at[key])) return undefined;
      at = at[key] as Tree;
    }
    at[keys.at(-1)!] = parseSetValue(`x=${text}`).value;
  }
  return result;
}
