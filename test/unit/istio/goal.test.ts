import { describe, expect, test } from '@jest/globals';
import { type Goal, unreached } from '../../../src/istio/goal.ts';
import { type MeshSpec, NEW, OLD, installedGateway, mesh, plane, pod, shared } from '../../support/mesh.ts';

const old = plane(OLD.revision, OLD.version);
const target = plane(NEW.revision, NEW.version);
const broken = { done: false, desired: 1, updated: 0, available: 0, message: 'm' };
const GOAL = {
  from: OLD.revision,
  to: NEW.revision,
  scope: { namespaces: ['a'], tags: [] },
  removeOld: false,
  along: { gateways: false, cni: false },
};

const REACHED: Readonly<Record<Goal['phase'], MeshSpec>> = {
  canary: {
    planes: [old, target],
    tags: { default: OLD.revision },
    defaultValidator: OLD.revision,
    namespaces: { a: { 'istio.io/rev': NEW.revision }, b: { 'istio.io/rev': OLD.revision } },
  },
  promote: {
    planes: [old, target],
    tags: { default: NEW.revision },
    defaultValidator: NEW.revision,
    namespaces: { a: { 'istio.io/rev': NEW.revision }, b: { 'istio-injection': 'enabled' } },
  },
  rollback: {
    planes: [old],
    tags: { default: OLD.revision },
    defaultValidator: OLD.revision,
    namespaces: { a: { 'istio.io/rev': OLD.revision }, b: { 'istio-injection': 'enabled' } },
  },
};

function lacks(phase: Goal['phase'], changes: Partial<MeshSpec> = {}, removeOld = false): string[] {
  const owner = phase === 'promote' ? NEW : OLD;
  const goal = { ...GOAL, phase, default: owner.revision, removeOld, tags: {} };
  const found = unreached(mesh({ ...REACHED[phase], ...changes }), goal);
  expect(new Set(found.map(({ id, severity }) => `${severity} ${id}`)).size).toBeLessThanOrEqual(1);
  return found.map(({ object = '', message }) => `${object}: ${message}`);
}

test('a Gateway in a namespace that is being deleted is not waited for', () => {
  const apiGateways = { 'b/web': { label: OLD.revision } };
  expect(lacks('promote', { apiGateways })).toHaveLength(1);
  expect(lacks('promote', { apiGateways, namespaceFacts: { b: { terminating: true } } })).toEqual([]);
});

test('where no default moves, none is asked for', () => {
  const there = mesh({ ...REACHED.canary, tags: {}, defaultValidator: undefined });
  const goal: Goal = { ...GOAL, phase: 'canary', default: undefined, tags: {} };
  expect(unreached(there, goal)).toEqual([]);
  expect(unreached(there, { ...goal, default: OLD.revision })).toHaveLength(2);
});

describe('promise 15: the goal of a phase, whatever led there', () => {
  test.each(['canary', 'promote', 'rollback'] as const)('%s: nothing is lacking', (phase) => {
    expect(lacks(phase)).toEqual([]);
  });

  test.each<[Goal['phase'], string, Partial<MeshSpec>, string]>([
    [
      'canary',
      'the old control plane broke',
      { planes: [{ ...old, rollout: broken }, target] },
      `control plane ${OLD.revision}`,
    ],
    [
      'canary',
      'the canary lost its Service',
      { planes: [old, { ...target, service: false }] },
      `control plane ${NEW.revision}`,
    ],
    ['canary', 'the default went along', { tags: { default: NEW.revision } }, 'default tag'],
    ['canary', 'the validator went along', { defaultValidator: NEW.revision }, 'default validator'],
    [
      'canary',
      'a namespace was put back',
      { namespaces: { a: { 'istio.io/rev': OLD.revision } } },
      'Namespace a',
    ],
    ['promote', 'the default tag is gone', { tags: {}, namespaces: {} }, 'default tag'],
    ['promote', 'the validator stayed behind (H02)', { defaultValidator: OLD.revision }, 'default validator'],
    [
      'promote',
      'a namespace is elsewhere',
      { namespaces: { z: { 'istio.io/rev': OLD.revision } } },
      'Namespace z',
    ],
    [
      'rollback',
      'CNI would go with the canary (H54)',
      { shared: [shared({ goesWith: NEW.revision })] },
      'DaemonSet kube-system/istio-cni-node',
    ],
    [
      'promote',
      'a Gateway still leads to the old one',
      { apiGateways: { 'e/web': { label: OLD.revision } } },
      'Gateway e/web',
    ],
    [
      'rollback',
      'a Gateway still leads to the canary',
      { planes: [old, target], apiGateways: { 'e/web': { label: NEW.revision } } },
      'Gateway e/web',
    ],
    ['rollback', 'something of the canary is left', { planes: [old, target] }, `revision ${NEW.revision}`],
    [
      'rollback',
      'M40: a namespace still chooses the canary',
      { planes: [old, target], namespaces: { z: { 'istio.io/rev': NEW.revision } } },
      'Namespace z',
    ],
    [
      'rollback',
      'the validator still asks the canary',
      { defaultValidator: NEW.revision },
      'default validator',
    ],
    ['rollback', 'T14: somebody took the default away', { tags: {} }, 'default tag'],
    [
      'rollback',
      'the default still leads to the canary',
      { planes: [old, target], tags: { default: NEW.revision } },
      'default tag',
    ],
  ])('%s: %s', (phase, _, changes, object) => {
    expect(lacks(phase, changes).map((text) => text.split(':')[0])).toContain(object);
  });

  test('a canary is about its own namespaces alone', () => {
    expect(
      lacks('canary', {
        namespaces: { a: { 'istio.io/rev': NEW.revision }, z: { 'istio.io/rev': OLD.revision } },
      }),
    ).toEqual([]);
  });

  test('promote with remove-old wants the old one gone, without it nothing of the kind', () => {
    expect(lacks('promote', {}, true)).toEqual([`revision ${OLD.revision}: is still there`]);
    expect(lacks('promote', { planes: [target] }, true)).toEqual([]);
    expect(lacks('promote', { planes: [target] })).toEqual([]);
  });

  test('what somebody has made for the old one, while that was being removed, is named with what to do', () => {
    const namespaces = { ...REACHED.promote.namespaces, preview: { 'istio.io/rev': OLD.revision } };
    const pods = [pod('preview/web', OLD.revision), pod('z/web', OLD.revision), pod('a/web', NEW.revision)];
    const seen = { planes: [target], namespaces, pods };
    expect(lacks('promote', seen, true)).toEqual([
      `Namespace preview: its label chooses ${OLD.revision}, which was removed: new pods come without a sidecar`,
      `Pod preview/web: its proxy is of ${OLD.revision}, which was removed, and so is that of 1 more`,
    ]);
    expect(lacks('promote', seen)).toEqual([]);
    const going = { preview: { terminating: true } };
    const ending = pods.map((item) => ({ ...item, terminating: true }));
    expect(lacks('promote', { ...seen, namespaceFacts: going, pods: ending }, true)).toEqual([]);
  });

  test('a tag that is not where it is taken is named once, and one that somebody has made meanwhile, too', () => {
    const tags = { default: NEW.revision, prod: OLD.revision, stray: OLD.revision };
    const tagServices = { prod: OLD.revision, stray: OLD.revision };
    const seen = mesh({ ...REACHED.promote, tags, tagServices });
    const named = unreached(seen, {
      ...GOAL,
      phase: 'promote',
      default: NEW.revision,
      removeOld: false,
      along: { gateways: false, cni: false },
      tags: { prod: NEW.revision },
    }).map(({ object }) => object);
    expect(named.filter((object) => object?.startsWith('tag '))).toEqual(['tag stray', 'tag prod']);
  });

  test('M41: a namespace that is being deleted is waited for by nobody', () => {
    const going = {
      namespaces: { z: { 'istio.io/rev': OLD.revision } },
      namespaceFacts: { z: { terminating: true } },
    };
    expect(lacks('promote', going)).toEqual([]);
  });
});

describe('what was asked to go along with the canary’s installation is on the new side then', () => {
  const asked = (along: Goal['along'], changes: Partial<MeshSpec>): string[] =>
    unreached(mesh({ ...REACHED.canary, ...changes }), {
      ...GOAL,
      along,
      phase: 'canary',
      default: OLD.revision,
      tags: {},
    }).map(({ object = '' }) => object);
  const at = (revision: string): Partial<MeshSpec> => ({
    installedGateways: [installedGateway('istio-system/gw', revision)],
    shared: [shared({ goesWith: revision })],
  });

  test('gateways, CNI, or none of both', () => {
    const both = { gateways: true, cni: true };
    expect(asked(both, at(OLD.revision))).toEqual([
      'Deployment istio-system/gw',
      'DaemonSet kube-system/istio-cni-node',
    ]);
    expect(asked({ gateways: true, cni: false }, at(OLD.revision))).toEqual(['Deployment istio-system/gw']);
    expect(asked(both, at(NEW.revision))).toEqual([]);
    expect(asked(GOAL.along, at(OLD.revision))).toEqual([]);
  });
});
