import { describe, expect, test } from '@jest/globals';
import { readStragglers, stragglersFor } from '../../../src/input/stragglers.ts';
import { acceptedBy } from '../../../src/istio/stragglers.ts';

describe('allow-stragglers', () => {
  test('names, one a line or with commas between, each once', () => {
    expect(readStragglers('a/p\nJob a/job, a/p\n\nbatch/*')).toEqual({
      names: ['a/p', 'Job a/job', 'batch/*'],
      selectors: [],
    });
    expect(readStragglers('')).toEqual({ names: [], selectors: [] });
  });

  test('in place leave to stay is none for what istioctl replaces with the control plane', () => {
    const stays = (inPlace: boolean): boolean =>
      acceptedBy(stragglersFor(inPlace)('istio-system/*'))({
        kind: 'Deployment',
        namespace: 'istio-system',
        name: 'edge',
        labels: {},
        gateway: 'installed',
      });
    expect([stays(true), stays(false)]).toEqual([false, true]);
  });

  test('selectors of pods, one a line', () => {
    const accepted = acceptedBy(readStragglers('app in (batch, cron)\na/p'));
    const candidate = { kind: 'Pod', namespace: 'b', name: 'q' };
    expect(accepted({ ...candidate, labels: { app: 'cron' } })).toBe(true);
    expect(accepted({ ...candidate, labels: { app: 'web' } })).toBe(false);
    expect(accepted({ ...candidate, namespace: 'a', name: 'p', labels: undefined })).toBe(true);
  });

  test.each(['*', '*/*', 'shop', 'shop/', '/p', 'job a/p', 'a/p/q', 'A/p', 'a/p; rm', 'app=b c', 'a/b*'])(
    '%j is refused, and told with what is allowed',
    (text) => {
      expect(() => readStragglers(text)).toThrow(/namespace\/name/);
    },
  );

  test('all that is wrong is told at once', () => {
    expect(() => readStragglers('shop\nA/p\na/fine')).toThrow(/"shop", "A\/p"/);
  });
});
