import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { Errands, sideBySide } from '../../../src/engine/errand.ts';

const run = (): AbortSignal => new AbortController().signal;

describe('an errand', () => {
  test('is under way before its result is asked for', async () => {
    const began: string[] = [];
    const errands = new Errands(run());
    const errand = errands.begin(() => {
      began.push('errand');
      return Promise.resolve(1);
    });
    began.push('asked');
    expect(await errand.result()).toBe(1);
    expect(began).toEqual(['errand', 'asked']);
  });

  test('that fails is told to who asks, and to nobody else', async () => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown): unknown => unhandled.push(reason);
    process.on('unhandledRejection', hear);
    const errands = new Errands(run());
    const errand = errands.begin(() => Promise.reject(new Error('no archive')));
    errands.begin(() => Promise.reject(new Error('nobody asks')));
    await sleep(5);
    await errands.callOff();
    await sleep(5);
    process.off('unhandledRejection', hear);
    expect(unhandled).toEqual([]);
    await expect(errand.result()).rejects.toThrow('no archive');
  });

  test('ends when it is called off, and is waited for', async () => {
    const errands = new Errands(run());
    const left: string[] = [];
    errands.begin(async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      left.push('told to end');
      await sleep(5);
      left.push('ended');
    });
    await errands.callOff();
    expect(left).toEqual(['told to end', 'ended']);
  });

  test('ends with the run', async () => {
    const ended = new AbortController();
    const { result } = new Errands(ended.signal).begin(
      (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    );
    ended.abort(new Error('cancelled'));
    await expect(result()).rejects.toThrow('cancelled');
  });

  test('has its own time, not that until it is asked for', async () => {
    const errand = new Errands(run()).begin(() => Promise.resolve());
    await errand.result();
    const took = errand.durationMs();
    await sleep(20);
    expect(errand.durationMs()).toBe(took);
  });
});

describe('things done side by side', () => {
  test('begin at the same time and give their results in order', async () => {
    const second = Promise.withResolvers<string>();
    const results = await sideBySide([
      () => second.promise,
      () => {
        second.resolve('the first waits for the second');
        return Promise.resolve(2);
      },
    ]);
    expect(results).toEqual(['the first waits for the second', 2]);
  });

  test('throw the first failure in order, and only when all have ended', async () => {
    const ended: string[] = [];
    const failing = sideBySide([
      async () => {
        await sleep(5);
        ended.push('permissions');
        throw new Error('a permission is missing');
      },
      () => Promise.reject(new Error('403')),
      async () => {
        await sleep(10);
        ended.push('mesh');
      },
    ]);
    await expect(failing).rejects.toThrow('a permission is missing');
    expect(ended).toEqual(['permissions', 'mesh']);
  });
});
