import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonDocuments, parseOneByOne } from '../../../src/istioctl/json-documents.ts';
import { recording } from './recording.ts';

describe('JSON documents', () => {
  test('are told apart: one for each istiod', () => {
    expect(parseJsonDocuments(recording('1.31.0', '427').stdout)).toHaveLength(2);
  });

  test('are what they were, however they are joined and whatever is in their strings', () => {
    const document = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
    const joint = fc.constantFrom('', '\n', '\r\n  ', '\t');
    fc.assert(
      fc.property(fc.array(document), joint, (documents, between) => {
        const text = documents.map((value) => JSON.stringify(value, null, 2)).join(between);
        expect(parseJsonDocuments(text)).toEqual(
          documents.map((value): unknown => JSON.parse(JSON.stringify(value))),
        );
      }),
    );
  });

  test('that are cut short are refused, wherever the cut is', () => {
    const { stdout } = recording('1.31.0', '079');
    const whole = stdout.trimEnd();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: whole.length - 1 }), (end) => {
        expect(() => parseJsonDocuments(whole.slice(0, end))).toThrow(/cut short|not/);
      }),
    );
  });

  test.each(['NAME  CLUSTER', '{"a":1} trailing', 'null', '1', '{a:1}', '}{'])('are not %j', (text) => {
    expect(() => parseJsonDocuments(text)).toThrow();
  });

  test('may be none', () => {
    expect(parseJsonDocuments(' \n')).toEqual([]);
  });
});

describe('a list that is read one by one', () => {
  const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

  test('is what it was, whatever is in it and around it', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(object), object, object, fc.boolean(), (list, before, after, indented) => {
        const whole = { before, list, after };
        const text = indented ? pretty(whole) : JSON.stringify(whole);
        const { document, objects } = parseOneByOne(text, 'list', (item) => item);
        const same = JSON.parse(text) as typeof whole;
        expect(objects).toEqual(same.list);
        expect(document).toEqual({ ...same, list: list.map(() => 0) });
      }),
    );
  });

  test('is the one of the document itself, by its whole name', () => {
    const text = pretty({
      a: { list: [{ x: 1 }] },
      'a list': [{ x: 2 }],
      b: '"list": [{}]',
      list: [{ x: 3 }],
    });
    expect(parseOneByOne(text, 'list', (item) => item).objects).toEqual([{ x: 3 }]);
  });

  test('leaves what is no object where it is', () => {
    const { document, objects } = parseOneByOne('{"list":[null,{},"{"]}', 'list', (item) => item);
    expect({ document, objects }).toEqual({ document: { list: [null, 0, '{'] }, objects: [{}] });
  });

  test.each(['{"list":[{} {}]}', '{"list":[{},]}', '{"list":[{}]', '{"list":[{a:1}]}', '{"list" [{}]}'])(
    'is refused where it is none: %s',
    (text) => {
      expect(() => parseOneByOne(text, 'list', (item) => item)).toThrow();
    },
  );
});
