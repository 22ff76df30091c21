import { describe, expect, test } from '@jest/globals';
import { contentOf, differingFields } from '../../../src/istio/content.ts';

const deployment = (container: object, spec: object = {}): object => ({
  kind: 'Deployment',
  metadata: { name: 'istiod-1-31-0' },
  spec: {
    template: { spec: { containers: [{ name: 'discovery', image: 'pilot:1.31.0', ...container }], ...spec } },
  },
});

describe('the content of an object (M14)', () => {
  test('of a Deployment is the same, whatever the server fills in', () => {
    const rendered = deployment({
      args: ['discovery'],
      env: [
        { name: 'REVISION', value: '1-31-0' },
        { name: 'EMPTY', value: '' },
        { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      ],
      resources: { requests: { cpu: '0.5', memory: '2048Mi' } },
    });
    const live = deployment(
      {
        args: ['discovery'],
        env: [
          { name: 'REVISION', value: '1-31-0' },
          { name: 'EMPTY' },
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v1' } } },
          { name: 'CPUS', valueFrom: { resourceFieldRef: { divisor: '0', resource: 'limits.cpu' } } },
        ],
        resources: { requests: { memory: '2Gi', cpu: '500m' } },
        terminationMessagePath: '/dev/termination-log',
        imagePullPolicy: 'IfNotPresent',
      },
      { dnsPolicy: 'ClusterFirst', restartPolicy: 'Always' },
    );
    expect(contentOf(rendered)).toMatch(/^([0-9a-f]{16} discovery: [\w. ]+\n?)+$/);
    expect(contentOf(live)).toBe(contentOf(rendered));
  });

  test.each([
    { image: 'pilot:1.31.1' },
    { args: ['discovery', '--log_output_level=debug'] },
    { env: [{ name: 'A', value: 'b' }] },
    { resources: { requests: { cpu: '100m' } } },
  ])('of a Deployment differs with %j', (change) => {
    expect(contentOf(deployment(change))).not.toBe(contentOf(deployment({})));
  });

  test('of a Deployment with a container without an image, as an overlay may add it, is one', () => {
    expect(contentOf(deployment({ image: undefined }))).toMatch(/^[0-9a-f]{16} discovery: image$/m);
  });

  test('of a Deployment tells which fields differ, and no value', () => {
    const env = [{ name: 'TOKEN', value: 'old-secret' }];
    const rendered = contentOf(deployment({ env }));
    const changed = { limits: { cpu: '1' }, requests: { cpu: '1' } };
    const live = contentOf(
      deployment({
        resources: changed,
        env: [
          { name: 'PROXY', value: 'p' },
          { name: 'TOKEN', value: 'new' },
        ],
      }),
    );
    expect(differingFields(rendered, live)).toEqual([
      'discovery: env PROXY',
      'discovery: env TOKEN',
      'discovery: resources.limits.cpu',
      'discovery: resources.requests.cpu',
    ]);
    expect(differingFields(live, live)).toEqual([]);
    expect(differingFields(live, undefined)).toEqual([]);
    expect(`${rendered ?? ''}${live ?? ''}`).not.toContain('secret');
  });

  test('of a ConfigMap is its data, in any order, and nothing of its labels', () => {
    const map = (data: object, labels = {}): object => ({
      kind: 'ConfigMap',
      metadata: { name: 'istio', labels },
      data,
    });
    expect(contentOf(map({ a: '1', b: '2' }))).toBe(contentOf(map({ b: '2', a: '1' }, { x: 'y' })));
    expect(contentOf(map({ a: '1' }))).not.toBe(contentOf(map({ a: '2' })));
  });

  test('of what is not compared is undefined', () => {
    expect(contentOf({ kind: 'Service', spec: {} })).toBeUndefined();
    expect(
      contentOf({ kind: 'ConfigMap', data: {}, ...{ metadata: { name: 'values-1-31-0' } } }),
    ).toBeUndefined();
  });
});
