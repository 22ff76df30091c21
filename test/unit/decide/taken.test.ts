import { describe, expect, test } from '@jest/globals';
import { GONE } from '../../../src/decide/sides.ts';
import { takenFlaw } from '../../../src/decide/taken.ts';
import type { Inputs } from '../../../src/inputs.ts';
import type { OwnedObject } from '../../../src/istio/mesh.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import { record } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod, workload } from '../../support/mesh.ts';

const old = plane(OLD.revision, OLD.version);
const target = plane(NEW.revision, NEW.version);
const other = plane(NEW.revision, '1.31.9');
const PAIR = { from: OLD, to: NEW };

function flaw(
  phase: Inputs['phase'],
  spec: MeshSpec,
  pair: { from: typeof OLD; to: typeof OLD } = PAIR,
  known?: UpgradeRecord,
) {
  const found = takenFlaw(phase, mesh(spec), pair, known);
  return found?.kind === 'refused' ? found.findings[0] : found;
}

test('a canary that was taken away while it was promoted: rollback gets on, and canary would not', () => {
  const left: MeshSpec = { planes: [old], tags: { default: NEW.revision } };
  expect(flaw('promote', left)).toMatchObject({
    id: 'no-canary',
    remedy: expect.stringMatching(/^Somebody has removed it .* Run rollback \(version: 1\.31\.0/) as unknown,
  });
  const begun = record({ intent: 'promote' });
  expect(flaw('promote', { ...left, tags: { prod: NEW.revision } }, PAIR, begun)).toMatchObject({
    remedy: expect.stringContaining('Run rollback') as unknown,
  });
  expect(flaw('promote', { planes: [old] }, PAIR, begun)).toMatchObject({ remedy: 'Run canary first.' });
  // Its uninstall has taken the default along, and pods still run on what is gone.
  const orphaned: MeshSpec = { planes: [old], namespaces: { a: { 'istio-injection': 'enabled' } } };
  expect(flaw('promote', { ...orphaned, pods: [pod('a/p', NEW.revision)] }, PAIR, begun)).toMatchObject({
    remedy: expect.stringContaining('Run rollback') as unknown,
  });
  expect(flaw('promote', orphaned, PAIR, begun)).toMatchObject({ remedy: 'Run canary first.' });
});

describe('a mesh that is not all on its only control plane', () => {
  const alone: MeshSpec = {
    planes: [target],
    tags: { default: NEW.revision },
    namespaces: { a: { 'istio-injection': 'enabled' } },
    workloads: [workload('a/p')],
    pods: [pod('a/p-1', NEW.revision)],
  };
  const promoted = record({ intent: 'promote', promotedAt: '2026-11-28T01:00:00Z' });
  const left = pod('a/p-1', OLD.revision, { injectedBy: [NEW.revision] });
  const broken = { done: false, desired: 1, updated: 0, available: 0, message: 'no image' };

  test.each<[string, Partial<MeshSpec>, UpgradeRecord | undefined, string]>([
    ['promote has not ended', {}, record(), 'promote has not ended'],
    ['nobody injects what follows the default', { tags: {} }, undefined, 'follows the default'],
    ['the validator is still of what is gone', { defaultValidator: OLD.revision }, undefined, OLD.revision],
    ['a pod runs on what is gone', { pods: [left] }, undefined, '1 pod runs on 1-30-3, such as a/p-1'],
  ])('is not one with nothing to do: %s', (_, changes, known, words) => {
    for (const phase of ['precheck', 'canary'] as const)
      expect(flaw(phase, { ...alone, ...changes }, PAIR, known)).toMatchObject({
        id: 'removal-unfinished',
        message: expect.stringContaining(words) as unknown,
        remedy: 'Run promote (version: 1.31.0, revision: 1-31-0): it moves what is left.',
      });
    expect(flaw('promote', { ...alone, ...changes }, PAIR, known)).toBeUndefined();
  });

  test('a label that names what is gone is changed by hand, and promote does the rest', () => {
    const namespaces = { ...alone.namespaces, b: { 'istio.io/rev': OLD.revision } };
    expect(flaw('precheck', { ...alone, namespaces })).toMatchObject({
      object: 'Namespace b',
      remedy: expect.stringMatching(/kubectl label namespace b .*istio.io\/rev=1-31-0.* promote/) as unknown,
    });
  });

  test('a removal that was killed when all was gone is finished as one', () => {
    const removing = record({ intent: 'remove', promotedAt: '2026-11-28T01:00:00Z', removing: [] });
    expect(flaw('precheck', alone, PAIR, removing)).toMatchObject({
      id: 'removal-unfinished',
      remedy: expect.stringContaining('remove-old: true') as unknown,
    });
  });

  test.each<[string, Partial<MeshSpec>, UpgradeRecord | undefined]>([
    ['all is there', {}, undefined],
    ['promoted, and the old one removed by hand', {}, promoted],
    [
      'what promote leaves alone',
      { pods: [left], workloads: [workload('a/p', { rollout: broken })] },
      promoted,
    ],
    ['a label that never led anywhere', { namespaces: { b: { 'istio.io/rev': 'gone' } } }, undefined],
  ])('has nothing to do: %s', (_, changes, known) => {
    expect(flaw('precheck', { ...alone, ...changes }, PAIR, known)).toMatchObject({ kind: 'nothing' });
  });
});

describe('what is wrong with the two control planes', () => {
  test('nothing, where they are as a phase needs them', () => {
    const both = { planes: [old, target] };
    expect(flaw('precheck', { planes: [old] })).toBeUndefined();
    expect(flaw('canary', { planes: [old] })).toBeUndefined();
    for (const phase of ['canary', 'promote', 'rollback'] as const) expect(flaw(phase, both)).toBeUndefined();
    // The last of a rollback may still be to do, and the last of a removal.
    expect(flaw('rollback', { planes: [old] })).toBeUndefined();
    expect(flaw('promote', { planes: [target] })).toBeUndefined();
  });

  test('canary of what is the only control plane already has nothing to do', () => {
    expect(flaw('canary', { planes: [target] })).toMatchObject({ kind: 'nothing' });
  });

  test.each<[string, string, ReturnType<typeof flaw>]>([
    ['no istiod at all', 'no-control-plane', flaw('canary', { planes: [] }, { from: GONE, to: NEW })],
    // Also where a record says what was there (story 42:37).
    ['none left', 'no-control-plane', flaw('canary', { planes: [] }, { from: OLD, to: NEW })],
    ['none left to promote', 'no-control-plane', flaw('promote', { planes: [] }, { from: OLD, to: NEW })],
    [
      'an image that does not tell its version',
      'current-version-unknown',
      flaw('canary', { planes: [old] }, { from: { ...OLD, version: '' }, to: NEW }),
    ],
    ['promote without a canary', 'no-canary', flaw('promote', { planes: [old] })],
    ['rollback after the removal', 'past-point-of-no-return', flaw('rollback', { planes: [target] })],
  ])('%s is refused', (_, id, found) => {
    expect(found).toMatchObject({ id, severity: 'error' });
  });
});

test('both istiods deleted half-way: the one to go on from is installed again', () => {
  const said = (changes: Parameters<typeof record>[0]) =>
    flaw('canary', { planes: [] }, PAIR, record(changes));
  const named = `with version: ${NEW.version} and revision: ${NEW.revision}.`;
  expect(said({})).toMatchObject({
    id: 'no-control-plane',
    message: expect.stringContaining('somebody has deleted it since'),
    remedy: `Install ${OLD.version} (revision ${OLD.revision}) with its own istioctl and the same config and set. Then run the phase again, or rollback, ${named}`,
  });
  expect(said({ intent: 'remove', removing: ['ConfigMap istio-system/istio'] })).toMatchObject({
    remedy: expect.stringContaining(`Install ${NEW.version} (revision ${NEW.revision})`),
  });
  expect(said({ endedAt: '2026-11-28T01:00:00Z' })).toMatchObject({
    remedy: expect.stringContaining('istio-namespace'),
  });
});

describe('F01: a revision that runs another version', () => {
  const using: [string, Partial<MeshSpec>][] = [
    ['a pod runs on it', { pods: [pod('a/p', NEW.revision)] }],
    ['it is the default', { tags: { default: NEW.revision } }],
    ['a namespace chooses it', { namespaces: { a: { 'istio.io/rev': NEW.revision } } }],
  ];

  test('is installed over while nothing uses it: to refuse it would lead in a circle', () => {
    expect(flaw('canary', { planes: [old, other], tags: { default: OLD.revision } })).toBeUndefined();
    expect(flaw('precheck', { planes: [old, other] })).toBeUndefined();
  });

  test.each(using)('is refused where %s, with the way out', (_, changes) => {
    expect(flaw('canary', { planes: [old, other], ...changes })).toMatchObject({
      id: 'revision-taken',
      remedy: expect.stringContaining(`phase: rollback, version: 1.31.9, revision: ${NEW.revision}`),
    });
  });

  test('is never promoted for what it is not', () => {
    expect(flaw('promote', { planes: [old, other] })).toMatchObject({ id: 'revision-taken' });
  });

  test('is refused where it is all there is, and then there is nothing to roll back', () => {
    const found = flaw('canary', { planes: [other] }, { from: GONE, to: NEW });
    expect(found).toMatchObject({
      id: 'revision-taken',
      remedy: 'Give another name with the input revision.',
    });
  });
});

describe('the point of no return', () => {
  const owned = (name: string): OwnedObject => ({
    kind: 'ConfigMap',
    namespace: 'istio-system',
    name,
    uid: name,
    revision: OLD.revision,
    terminating: false,
    content: undefined,
  });
  const whole: MeshSpec = { planes: [old, target], owned: [owned('istio'), owned('values')] };
  const removing = ['ConfigMap istio-system/istio', 'ConfigMap istio-system/values'];

  test('is the first object that a removal took', () => {
    expect(flaw('rollback', whole, PAIR, record({ intent: 'remove', removing }))).toBeUndefined();
    expect(
      flaw('rollback', { ...whole, owned: [owned('istio')] }, PAIR, record({ intent: 'remove', removing })),
    ).toMatchObject({
      id: 'past-point-of-no-return',
      message: expect.stringContaining('ConfigMap istio-system/values'),
      remedy: expect.stringContaining('promote with remove-old: true'),
    });
  });

  test('M36: said by the record alone of a control plane that is whole, it comes with the way out of it', () => {
    const forged = record({ intent: 'remove', removing: ['ConfigMap istio-system/never-there'] });
    expect(flaw('rollback', whole, PAIR, forged)).toMatchObject({
      id: 'past-point-of-no-return',
      remedy: expect.stringContaining(
        `kubectl delete configmap istio-upgrade -n istio-system\`, then rollback with version: ${NEW.version}`,
      ),
    });
  });

  test('M09: a half deleted control plane is no way back, whatever its istiod looks like', () => {
    for (const half of [
      { ...old, service: false },
      { ...old, injector: undefined },
    ]) {
      expect(flaw('rollback', { planes: [half, target] })).toMatchObject({
        id: 'past-point-of-no-return',
        remedy: expect.stringContaining('docs/rollback.md'),
      });
    }
  });
});
