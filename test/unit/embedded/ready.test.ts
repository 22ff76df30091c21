import { describe, expect, it } from '@jest/globals';
import { isReady } from '../../../embedded/istioctl/ready.ts';

const seen = { observedGeneration: 2 };

function deployment(status: object): Parameters<typeof isReady>[0] {
  return { metadata: { generation: 2 }, spec: { replicas: 1 }, status: { ...seen, ...status } };
}

describe('what istioctl waits for', () => {
  it.each([
    ['the new pod is ready beside the old one', { replicas: 2, updatedReplicas: 1, readyReplicas: 2 }, true],
    ['the new pod is ready alone', { replicas: 1, updatedReplicas: 1, readyReplicas: 1 }, true],
    ['only the old pod is ready', { replicas: 2, updatedReplicas: 1, readyReplicas: 1 }, false],
    ['there is no new pod yet', { replicas: 1, readyReplicas: 1 }, false],
    [
      'what was applied was not seen yet',
      { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1 },
      false,
    ],
  ])('%s', (_, status, ready) => {
    expect(isReady(deployment(status))).toBe(ready);
  });

  it('takes a DaemonSet by its own counts', () => {
    const counts = { desiredNumberScheduled: 2, updatedNumberScheduled: 2 };
    const ready = { metadata: { generation: 2 }, spec: {}, status: { ...seen, ...counts, numberReady: 2 } };
    expect(isReady(ready)).toBe(true);
    expect(isReady({ ...ready, status: { ...ready.status, numberReady: 1 } })).toBe(false);
  });
});
