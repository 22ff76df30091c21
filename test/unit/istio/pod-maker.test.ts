import { describe, expect, test } from '@jest/globals';
import type { PodMakerObject, PodTemplate } from '../../../src/cluster/objects.ts';
import { makerOf } from '../../../src/istio/pod-maker.ts';
import { OLD, mesh, plane } from '../../support/mesh.ts';

const frame = mesh({
  planes: [plane(OLD.revision, OLD.version)],
  namespaces: { a: { 'istio.io/rev': OLD.revision }, plain: {} },
});
const template: PodTemplate = { spec: { containers: [{ name: 'app' }] } };
const pinned: PodTemplate = { ...template, metadata: { labels: { 'istio.io/rev': OLD.revision } } };

function made(
  spec: NonNullable<PodMakerObject['spec']>,
  namespace = 'a',
  changes: Partial<PodMakerObject> = {},
): PodMakerObject {
  return { metadata: { name: 'n', namespace }, spec, ...changes };
}

describe('M07: what makes pods later', () => {
  test('a CronJob whose template alone chooses the revision', () => {
    const object = made({ jobTemplate: { spec: { template: pinned } } }, 'plain');
    expect(makerOf('CronJob', object, frame)).toMatchObject({
      kind: 'CronJob',
      namespace: 'plain',
      name: 'n',
      injectedBy: [OLD.revision],
      pinnedRevision: OLD.revision,
    });
  });

  test('the injection templates that its pods ask for', () => {
    const asking = {
      ...template,
      metadata: { annotations: { 'inject.istio.io/templates': 'sidecar, jvm' } },
    };
    expect(makerOf('Rollout', made({ template: asking }), frame)?.templates).toEqual(['sidecar', 'jvm']);
    expect(makerOf('Rollout', made({ template }), frame)).not.toHaveProperty('templates');
  });

  test('H16: its label says nothing where the namespace chooses', () => {
    const object = made({ jobTemplate: { spec: { template: pinned } } });
    expect(makerOf('CronJob', object, frame)?.pinnedRevision).toBeUndefined();
  });

  test.each(['Job', 'ReplicaSet', 'Rollout'] as const)('a %s that follows its namespace', (kind) => {
    expect(makerOf(kind, made({ template }), frame)).toMatchObject({ injectedBy: [OLD.revision] });
    expect(makerOf(kind, made({ template }, 'plain'), frame)).toBeUndefined();
  });

  test('not what another object owns: that is asked itself', () => {
    const metadata = {
      name: 'n',
      namespace: 'a',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', controller: true }],
    };
    expect(makerOf('ReplicaSet', { metadata, spec: { template } }, frame)).toBeUndefined();
  });

  test('not a Job that has ended', () => {
    for (const type of ['Complete', 'Failed']) {
      const is = (status: string) => ({ status: { conditions: [{ type, status }] } });
      expect(makerOf('Job', made({ template }, 'a', is('True')), frame)).toBeUndefined();
      expect(makerOf('Job', made({ template }, 'a', is('False')), frame)).toBeDefined();
    }
  });

  test('not one on the network of its node, without a template, or that refuses', () => {
    const host = { spec: { ...template.spec, hostNetwork: true } };
    expect(makerOf('Job', made({ template: host }), frame)).toBeUndefined();
    expect(makerOf('CronJob', made({}), frame)).toBeUndefined();
    const refusing = { ...template, metadata: { annotations: { 'sidecar.istio.io/inject': 'no' } } };
    expect(makerOf('Job', made({ template: refusing }), frame)).toBeUndefined();
  });

  test.each([
    null,
    5,
    'x',
    [],
    { metadata: null },
    { metadata: 5, spec: null },
    { metadata: { labels: null, annotations: 'x' }, spec: 5 },
    { metadata: { labels: { 'istio.io/rev': 5 }, annotations: { 'sidecar.istio.io/inject': 5 } }, spec: {} },
    { metadata: { labels: { 'istio.io/rev': {} }, annotations: { 'sidecar.istio.io/inject': [] } } },
  ])('a Rollout whose template is %j is seen as it is, and stops nobody', (odd) => {
    const object = made({ template: odd as unknown as PodTemplate });
    const maker = makerOf('Rollout', object, frame);
    expect(maker?.injectedBy ?? [OLD.revision]).toEqual([OLD.revision]);
    expect(maker?.pinnedRevision).toBeUndefined();
    expect(makerOf('Rollout', { ...object, spec: odd } as unknown as PodMakerObject, frame)).toBeUndefined();
  });
});
