import { expect, test } from '@jest/globals';
import { glance } from '../../../src/engine/glance.ts';

/** A glance at a number that counts the looks, on a clock that is set by hand. */
function counted() {
  const clock = { ms: 0 };
  let looks = 0;
  const glanced = glance(
    () => Promise.resolve(++looks),
    () => clock.ms,
  );
  return { clock, glanced };
}

test('what was seen a moment ago is not looked at again', async () => {
  const { clock, glanced } = counted();
  expect(glanced.seen()).toBeUndefined();
  expect(await glanced.recent()).toBe(1);
  clock.ms = 4_999;
  expect(await glanced.recent()).toBe(1);
  expect(glanced.seen()).toMatchObject({ value: 1 });
});

test('promise 2: after a wait it is', async () => {
  const { clock, glanced } = counted();
  await glanced.recent();
  clock.ms = 5_000;
  expect(glanced.seen()).toBeUndefined();
  expect(await glanced.recent()).toBe(2);
});

test('promise 2: after a change it is, however short ago it was seen', async () => {
  const { clock, glanced } = counted();
  await glanced.recent();
  clock.ms = 1;
  glanced.outdate();
  clock.ms = 2;
  expect(glanced.seen()).toBeUndefined();
  expect(await glanced.recent()).toBe(2);
});

test('promise 2: a look that began before a change does not count, although it ended after', async () => {
  let end: (value: string) => void = () => undefined;
  let ms = 0;
  const glanced = glance(
    () => new Promise<string>((resolve) => (end = resolve)),
    () => ms++,
  );
  const looking = glanced.now();
  glanced.outdate();
  end('before');
  await looking;
  expect(glanced.seen()).toBeUndefined();
});

test('now always looks', async () => {
  const { glanced } = counted();
  expect(await glanced.now()).toBe(1);
  expect(await glanced.now()).toBe(2);
  expect(await glanced.recent()).toBe(2);
});
