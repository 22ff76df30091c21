import { describe, expect, test } from '@jest/globals';
import { type Resolution, resolveUpgrade } from '../../../src/engine/resolve.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import { type MeshSpec, NEW, OLD, mesh, plane } from '../../support/mesh.ts';

const old = plane(OLD.revision, OLD.version);
const target = plane(NEW.revision, NEW.version);
const ask = { version: NEW.version, revision: NEW.revision };

function record(changes: Partial<UpgradeRecord> = {}): UpgradeRecord {
  return {
    schemaVersion: 1,
    attempt: 'first',
    from: OLD,
    to: NEW,
    istioctl: {},
    before: { defaultInjector: OLD.revision, defaultValidator: OLD.revision, tags: {} },
    intent: 'canary',
    run: '',
    writtenAt: '',
    ...changes,
  };
}

function refusal(resolution: Resolution): string[] {
  return resolution.kind === 'refused' ? resolution.findings.map(({ id }) => id) : [resolution.kind];
}

describe('resolveUpgrade', () => {
  const resolve = (
    phase: 'canary' | 'promote' | 'rollback',
    spec: MeshSpec,
    known?: UpgradeRecord,
    wanted: { version: string | undefined; revision: string | undefined } = ask,
  ): Resolution => resolveUpgrade({ phase, ...wanted }, mesh(spec), known, ['a']);

  test('a new upgrade: from what is there to what is asked', () => {
    expect(resolve('canary', { planes: [old], tags: { default: OLD.revision } })).toMatchObject({
      kind: 'upgrade',
      upgrade: { from: OLD, to: NEW, namespaces: ['a'] },
    });
  });

  test('a run that resumes keeps the attempt; one after the end opens a new one (H69)', () => {
    const spec = { planes: [old, target] };
    expect(resolve('canary', spec, record())).toMatchObject({ upgrade: { attempt: 'first' } });
    const ended = resolve('canary', { planes: [old] }, record({ intent: 'rollback', endedAt: 'now' }));
    expect(ended.kind === 'upgrade' ? ended.upgrade.attempt : 'first').not.toBe('first');
  });

  test('a lost record: both sides are told from the planes and the default', () => {
    expect(resolve('rollback', { planes: [target, old], tags: { default: OLD.revision } })).toMatchObject({
      upgrade: { from: OLD, to: NEW },
    });
  });

  test('the record tells the target where the inputs do not', () => {
    const nothing = { version: undefined, revision: undefined };
    expect(resolve('promote', { planes: [old, target] }, record(), nothing)).toMatchObject({
      upgrade: { to: NEW },
    });
    expect(refusal(resolve('promote', { planes: [old, target] }, undefined, nothing))).toEqual([
      'target-unknown',
    ]);
    expect(refusal(resolve('rollback', { planes: [old] }, undefined, nothing))).toEqual(['nothing']);
  });

  test('a canary under a name of its own is found by its version', () => {
    const own = record({ to: { revision: 'next', version: NEW.version } });
    expect(resolve('promote', { planes: [old, plane('next', NEW.version)] }, own)).toMatchObject({
      upgrade: { to: { revision: 'next' } },
    });
  });

  test.each<[string, string, Resolution]>([
    ['promote without a canary', 'no-canary', resolve('promote', { planes: [old] })],
    [
      'a revision that runs another version',
      'revision-taken',
      resolve('canary', { planes: [old, plane(NEW.revision, '1.31.9')] }),
    ],
    [
      'the only control plane, asked for as if it were another version',
      'revision-taken',
      resolve('canary', { planes: [old] }, undefined, { version: NEW.version, revision: OLD.revision }),
    ],
    ['no istiod at all', 'no-control-plane', resolve('canary', { planes: [] })],
    [
      'rollback after the removal',
      'past-point-of-no-return',
      resolve('rollback', { planes: [target] }, record({ intent: 'remove' })),
    ],
    [
      'rollback when the removal has taken a first object',
      'past-point-of-no-return',
      resolve(
        'rollback',
        { planes: [old, target] },
        record({ intent: 'remove', removing: ['ConfigMap istio-system/istio'] }),
      ),
    ],
    [
      'another upgrade is under way',
      'other-upgrade-under-way',
      resolve('canary', { planes: [old, target] }, record(), { version: '1.32.0', revision: '1-32-0' }),
    ],
    [
      'an image that does not tell its version',
      'current-version-unknown',
      resolve('canary', { planes: [plane(OLD.revision, '', {})] }),
    ],
  ])('%s is refused', (_, id, resolution) => {
    expect(refusal(resolution)).toEqual([id]);
  });

  test('canary of what is the only control plane already has nothing to do', () => {
    expect(resolve('canary', { planes: [target] }).kind).toBe('nothing');
  });
});
