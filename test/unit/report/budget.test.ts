import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytes, fit } from '../../../src/report/budget.ts';

test('bytes are counted, not characters', () => {
  expect(bytes('aé🙂')).toBe(7);
  expect(fit(['🙂', '🙂', '🙂'], 10, (item) => item)).toEqual({ shown: ['🙂', '🙂'], left: 1 });
});

test('as many as have room, in order, and no more are rendered', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.nat(200), (items, budget) => {
      let rendered = 0;
      const { shown, left } = fit(items, budget, (item) => {
        rendered += 1;
        return item;
      });
      expect(shown).toEqual(items.slice(0, shown.length));
      expect(shown.length + left).toBe(items.length);
      expect(Buffer.byteLength(shown.map((item) => `${item}\n`).join(''))).toBeLessThanOrEqual(budget);
      if (left > 0)
        expect(Buffer.byteLength(`${items.slice(0, shown.length + 1).join('\n')}\n`)).toBeGreaterThan(budget);
      expect(rendered).toBe(shown.length + (left > 0 ? 1 : 0));
    }),
  );
});
