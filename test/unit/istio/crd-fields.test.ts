import { expect, test } from '@jest/globals';
import { type Schema, lostFields, narrowedVersion, schemasOf } from '../../../src/istio/crd-fields.ts';

const text = { type: 'string' };
const list = (items: object) => ({ type: 'array', items });
const object = (properties: object) => ({ type: 'object', properties });
const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const of = (spec: object): Schema => object({ spec, status: open });

const OLD = of(
  object({
    hosts: list(text),
    http: list(object({ name: text, headers: { additionalProperties: object({ set: text }) } })),
    any: open,
  }),
);
const NEW = of(
  object({
    hosts: list(text),
    http: list(
      object({
        name: text,
        mirror: text,
        headers: { additionalProperties: object({ set: text, add: text }) },
      }),
    ),
    any: open,
    later: object({ deep: text }),
  }),
);

test.each<[what: string, spec: unknown, lost: string[]]>([
  ['nothing of it is new', { hosts: ['a'], http: [{ name: 'x' }] }, []],
  ['a field of the top', { hosts: ['a'], later: { deep: 'x' } }, ['spec.later']],
  [
    'one in a list, told once',
    { http: [{ mirror: 'a' }, { name: 'x' }, { mirror: 'b' }] },
    ['spec.http[].mirror'],
  ],
  [
    'one below any key of a map',
    { http: [{ headers: { request: { set: 'a', add: 'b' } } }] },
    ['spec.http[].headers.request.add'],
  ],
  ['what neither knows is not kept in any case', { odd: 1, http: [{ odd: 1 }] }, []],
  ['whatever is open keeps what it is given', { any: { of: { it: 1 } } }, []],
  ['no spec', undefined, []],
])('%s', (_, spec, lost) => {
  expect(lostFields({ metadata: { name: 'x' }, spec }, NEW, OLD)).toEqual(lost);
  expect(lostFields({ metadata: { name: 'x' }, spec }, NEW, NEW)).toEqual([]);
  expect(lostFields({ metadata: { name: 'x' }, spec }, OLD, NEW)).toEqual([]);
});

test('only where a version that both have lost a field are objects looked at', () => {
  const both = new Map([['v1', OLD]]);
  expect(narrowedVersion(both, both)).toBeUndefined();
  expect(narrowedVersion(new Map([['v1', NEW]]), both)).toBe('v1');
  // More than before is no loss.
  expect(narrowedVersion(both, new Map([['v1', NEW]]))).toBeUndefined();
  expect(
    narrowedVersion(
      new Map([
        ['v1', OLD],
        ['v2', NEW],
      ]),
      new Map([['v1', OLD]]),
    ),
  ).toBeUndefined();
  expect(narrowedVersion(new Map([['v1', of(open)]]), new Map([['v1', of(open)]]))).toBeUndefined();
  for (const deep of [
    list(object({ a: text, b: text })),
    { additionalProperties: object({ a: text, b: text }) },
  ])
    expect(
      narrowedVersion(
        new Map([['v1', of(object({ x: deep }))]]),
        new Map([
          [
            'v1',
            of(
              object({
                x:
                  'items' in deep ? list(object({ a: text })) : { additionalProperties: object({ a: text }) },
              }),
            ),
          ],
        ]),
      ),
    ).toBe('v1');
});

test('the schemas of a CRD are those of the versions that are served', () => {
  const version = (name: string, served: boolean, schema?: object) => ({
    name,
    served,
    ...(schema === undefined ? {} : { schema: { openAPIV3Schema: schema } }),
  });
  const versions = [version('v1', true, OLD), version('v1beta1', false, OLD), version('v2', true)];
  expect([...schemasOf({ spec: { versions } })]).toEqual([['v1', OLD]]);
  expect([...schemasOf({ spec: {} })]).toEqual([]);
  expect([...schemasOf(null)]).toEqual([]);
});
