import { expect, test } from '@jest/globals';
import { judgeAutoscalers } from '../../../src/istio/autoscalers.ts';
import { parseManifest } from '../../../src/istioctl/manifest.ts';

const metadata = (name: string) => ({ name, namespace: 'istio-system' });
const deployment = (name: string) => ({ kind: 'Deployment', metadata: metadata(name) });
const autoscaler = (name: string, aim: string, kind = 'Deployment') => ({
  kind: 'HorizontalPodAutoscaler',
  metadata: metadata(name),
  spec: { scaleTargetRef: { kind, name: aim } },
});
const told = (...objects: object[]): string[] =>
  judgeAutoscalers(parseManifest(objects.map((object) => JSON.stringify(object)).join('\n---\n'))).map(
    ({ object = '', message }) => `${object}: ${message}`,
  );
const istiod = deployment('istiod-new');
const edge = deployment('edge');

test('an autoscaler aims at what is installed with it (H63)', () => {
  expect(told(istiod, autoscaler('istiod-new', 'istiod-new'))).toEqual([]);
  expect(told(istiod, autoscaler('istiod-new', 'istiod'))).toEqual([
    expect.stringMatching(
      /^HorizontalPodAutoscaler istio-system\/istiod-new: it would scale Deployment istio-system\/istiod, which would not be installed with it: .* where one of its own aims at that Deployment/,
    ),
  ]);
});

test('one that aims at something else than a Deployment is left alone (H63)', () => {
  expect(told(istiod, autoscaler('istiod-new', 'istiod-new', 'Rollout'))).toEqual([]);
});

test('of two that would be installed and aim at one Deployment the one that is not of its name is told (H63)', () => {
  const both = [istiod, edge, autoscaler('istiod-new', 'istiod-new'), autoscaler('edge', 'istiod-new')];
  expect(told(...both)).toEqual([
    expect.stringMatching(
      /^HorizontalPodAutoscaler istio-system\/edge: it would scale Deployment istio-system\/istiod-new, as HorizontalPodAutoscaler istio-system\/istiod-new does/,
    ),
  ]);
  expect(told(istiod, autoscaler('other', 'istiod-new'))).toEqual([]);
});
