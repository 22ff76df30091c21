import { describe, expect, it } from '@jest/globals';
import type { WorkloadObject } from '../../../src/cluster/objects.ts';
import { isHealthy, rolloutOf } from '../../../src/istio/rollout.ts';
import { flawsOf } from '../../../src/istio/health.ts';
import { plane } from '../../support/mesh.ts';

function workload(
  spec: Partial<WorkloadObject['spec']>,
  status: NonNullable<WorkloadObject['status']>,
): WorkloadObject {
  return {
    metadata: { name: 'a', generation: 2 },
    spec: { replicas: 3, template: { spec: { containers: [] } }, ...spec },
    status: { observedGeneration: 2, ...status },
  };
}

describe('rolloutOf', () => {
  const partition = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } };

  it('ends a StatefulSet with a partition once replicas - partition are new (M23)', () => {
    const status = { replicas: 3, updatedReplicas: 1, readyReplicas: 3 };
    expect(rolloutOf('StatefulSet', workload(partition, status)).done).toBe(true);
    expect(rolloutOf('StatefulSet', workload(partition, { ...status, updatedReplicas: 0 })).message).toBe(
      '0 of 1 replicas are new',
    );
  });

  it('asks availability of a StatefulSet where it is said', () => {
    const status = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 2 };
    expect(rolloutOf('StatefulSet', workload({}, status)).done).toBe(false);
  });

  it('is stuck once the progress deadline is exceeded, but not by an older generation (M33)', () => {
    const conditions = [
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' },
    ];
    const status = { replicas: 3, updatedReplicas: 1, availableReplicas: 3, conditions };
    expect(rolloutOf('Deployment', workload({}, status)).stuck).toBe('ProgressDeadlineExceeded: timed out');
    expect(rolloutOf('Deployment', workload({}, { ...status, observedGeneration: 1 })).stuck).toBeUndefined();
  });

  it('tells why no pod can be made, by the controller, while it waits for one', () => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: q' }];
    const status = { replicas: 3, updatedReplicas: 0, availableReplicas: 3, conditions };
    expect(rolloutOf('Deployment', workload({}, status)).message).toBe(
      '0 of 3 replicas are new: exceeded quota: q',
    );
    expect(rolloutOf('Deployment', workload({}, { ...status, updatedReplicas: 3 })).done).toBe(true);
  });

  it('counts a workload, not only its pods (M04); none desired is healthy and serves nothing (M10)', () => {
    expect(isHealthy(rolloutOf('Deployment', workload({ replicas: 2 }, {})))).toBe(false);
    const none = rolloutOf('Deployment', workload({ replicas: 0 }, {}));
    expect(isHealthy(none)).toBe(true);
    expect(flawsOf(plane('r', '1.30.3', { rollout: none }))).toEqual(['is scaled to zero']);
  });
});
