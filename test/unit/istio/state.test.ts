import { describe, expect, test } from '@jest/globals';
import type { UpgradeState } from '../../../src/outcome.ts';
import { stateOf } from '../../../src/istio/state.ts';
import { removalObstacles } from '../../../src/istio/removal.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod, workload } from '../../support/mesh.ts';

const old = plane(OLD.revision, OLD.version);
const target = plane(NEW.revision, NEW.version);
const before: MeshSpec = {
  planes: [old],
  tags: { default: OLD.revision },
  defaultValidator: OLD.revision,
  namespaces: { a: { 'istio.io/rev': OLD.revision }, b: { 'istio.io/rev': OLD.revision } },
  pods: [pod('a/p', OLD.revision), pod('b/p', OLD.revision)],
};
const canary: MeshSpec = {
  ...before,
  planes: [old, target],
  namespaces: { a: { 'istio.io/rev': NEW.revision }, b: { 'istio.io/rev': OLD.revision } },
  originals: { a: { 'istio.io/rev': OLD.revision, 'istio-injection': null } },
  pods: [pod('a/p', NEW.revision), pod('b/p', OLD.revision)],
};
const promoted: MeshSpec = {
  ...canary,
  tags: { default: NEW.revision },
  defaultValidator: NEW.revision,
  namespaces: { a: { 'istio.io/rev': NEW.revision }, b: { 'istio.io/rev': NEW.revision } },
  pods: [pod('a/p', NEW.revision), pod('b/p', NEW.revision)],
};

describe('stateOf', () => {
  test.each<[string, MeshSpec, Parameters<typeof stateOf>[1], UpgradeState]>([
    ['a mesh before', before, undefined, 'none'],
    ['the record is there, nothing is installed yet', before, { intent: 'canary' }, 'canarying'],
    ['both planes, nothing moved', { ...before, planes: [old, target] }, { intent: 'canary' }, 'canarying'],
    ['a canary', canary, { intent: 'canary' }, 'canary'],
    ['a canary without record', canary, undefined, 'canary'],
    [
      'a canary with a pod behind',
      { ...canary, pods: [pod('a/p', OLD.revision)] },
      { intent: 'canary' },
      'canarying',
    ],
    ['a promote that died', canary, { intent: 'promote' }, 'promoting'],
    ['promoted', promoted, { intent: 'promote' }, 'promoted'],
    ['promoted without record', promoted, undefined, 'promoted'],
    [
      'the validator stayed behind (H02)',
      { ...promoted, defaultValidator: OLD.revision },
      undefined,
      'promoting',
    ],
    ['a removal that died', promoted, { intent: 'remove' }, 'removing'],
    ['completed', { ...promoted, planes: [target] }, { intent: 'remove', endedAt: 'now' }, 'completed'],
    ['a rollback that died', canary, { intent: 'rollback' }, 'rolling-back'],
    ['rolled back', before, { intent: 'rollback', endedAt: 'now' }, 'rolled-back'],
  ])('%s', (_, spec, record, expected) => {
    expect(stateOf(mesh(spec), record, { from: OLD, to: NEW })).toBe(expected);
  });
});

describe('promise 5: what keeps a revision from being removed', () => {
  test('nothing, once all has moved', () => {
    expect(removalObstacles(mesh(promoted), OLD.revision)).toEqual([]);
  });

  test.each<[string, Partial<MeshSpec>, string]>([
    ['a pod', { pods: [pod('b/p', OLD.revision)] }, 'Pod b/p'],
    ['a pod that is just ending', { pods: [pod('b/p', OLD.revision, { terminating: true })] }, 'Pod b/p'],
    ['a namespace label (T14)', { namespaces: { b: { 'istio.io/rev': OLD.revision } } }, 'Namespace b'],
    [
      'a tag (H14)',
      { tags: { default: NEW.revision, prod: OLD.revision } },
      'MutatingWebhookConfiguration istio-revision-tag-prod',
    ],
    [
      'the default tag',
      { tags: { default: OLD.revision } },
      'MutatingWebhookConfiguration istio-revision-tag-default',
    ],
    [
      'the default validator (H01)',
      { defaultValidator: OLD.revision },
      'ValidatingWebhookConfiguration istiod-default-validator',
    ],
    ['a template', { workloads: [workload('b/w', { injectedBy: [OLD.revision] })] }, 'Deployment b/w'],
  ])('%s', (_, change, object) => {
    expect(
      removalObstacles(mesh({ ...promoted, ...change }), OLD.revision).map((item) => item.object),
    ).toContain(object);
  });
});
