import { describe, expect, test } from '@jest/globals';
import { GONE } from '../../../src/decide/sides.ts';
import { takenFlaw } from '../../../src/decide/taken.ts';
import type { Inputs } from '../../../src/inputs.ts';
import type { OwnedObject } from '../../../src/istio/mesh.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import { record } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod } from '../../support/mesh.ts';

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
