import { describe, expect, test } from '@jest/globals';
import { inNewestVersion } from '../../../src/istioctl/newest-api.ts';
import { readObjects } from '../../../src/istioctl/manifest.ts';
import { readToApply } from '../../../src/istioctl/applied.ts';

const scaler = (version: string, ...metrics: readonly object[]): object => ({
  apiVersion: `autoscaling/${version}`,
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'edge' },
  spec: { maxReplicas: 5, metrics },
});
const cpu = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
};

describe('what older releases render becomes what is written now', () => {
  test.each([
    ['autoscaling/v2beta2, whose fields are those of v2 (1.16)', scaler('v2beta2', cpu), scaler('v2', cpu)],
    [
      'autoscaling/v2beta1 (until 1.15)',
      scaler('v2beta1', { type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 80 } }),
      scaler('v2', cpu),
    ],
    [
      'an amount in autoscaling/v2beta1, and what is of one container',
      scaler(
        'v2beta1',
        { type: 'Resource', resource: { name: 'memory', targetAverageValue: '1Gi' } },
        {
          type: 'ContainerResource',
          containerResource: { name: 'cpu', container: 'istio-proxy', targetAverageUtilization: 60 },
        },
      ),
      scaler(
        'v2',
        {
          type: 'Resource',
          resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
        },
        {
          type: 'ContainerResource',
          containerResource: {
            name: 'cpu',
            container: 'istio-proxy',
            target: { type: 'Utilization', averageUtilization: 60 },
          },
        },
      ),
    ],
    // 1.14 renders a given hpaSpec in the form of v2beta2 under the name of v2beta1 (istio#34479).
    ['the newer form under the older name', scaler('v2beta1', cpu), scaler('v2', cpu)],
    [
      'no metrics',
      { ...scaler('v2beta1'), spec: { maxReplicas: 5 } },
      { ...scaler('v2'), spec: { maxReplicas: 5 } },
    ],
    [
      'policy/v1beta1 (until 1.16)',
      {
        apiVersion: 'policy/v1beta1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'edge' },
        spec: { minAvailable: 1 },
      },
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'edge' },
        spec: { minAvailable: 1 },
      },
    ],
  ])('%s', (_, older, newest) => {
    expect(inNewestVersion(older)).toEqual(newest);
    expect(inNewestVersion(newest)).toEqual(newest);
  });

  test('metrics that are named otherwise in v2 stay what they are, and are not applied', () => {
    const pods = scaler('v2beta1', { type: 'Pods', pods: { metricName: 'load', targetAverageValue: '5' } });
    expect(inNewestVersion(pods)).toEqual(pods);
    expect(() => readToApply(JSON.stringify(pods), 'the gateways have')).toThrow(
      'the gateways have HorizontalPodAutoscaler edge (autoscaling/v2beta1), which this Action does not apply',
    );
  });

  test('whoever reads what istioctl renders reads it so', () => {
    const text = JSON.stringify(
      scaler('v2beta1', { type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 80 } }),
    );
    expect(readToApply(text, 'the gateways have')).toEqual(scaler('v2', cpu));
    expect(readObjects(text)).toEqual([scaler('v2', cpu)]);
  });
});
