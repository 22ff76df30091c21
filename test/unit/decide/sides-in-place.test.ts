import { describe, expect, test } from '@jest/globals';
import { doubtOf } from '../../../src/decide/credit.ts';
import { sidesOf } from '../../../src/decide/sides.ts';
import { sidesInPlace } from '../../../src/decide/sides-in-place.ts';
import { otherStrategy } from '../../../src/decide/strategy.ts';
import { type MeshSpec, mesh, plane, pod, workload } from '../../support/mesh.ts';
import { record } from '../../support/facts.ts';

const R = 'default';
const A = { revision: R, version: '1.30.3' };
const B = { revision: R, version: '1.31.0' };
const at = (name: string, version: string) => pod(name, R, { version });
const seen = (version: string, ...proxies: string[]): MeshSpec => ({
  planes: [plane(R, version)],
  tags: { default: R },
  pods: proxies.map((proxy, index) => at(`a/${String(index)}`, proxy)),
});
type Phase = 'precheck' | 'canary' | 'promote' | 'rollback';
const sides = (
  phase: Phase,
  version: string | undefined,
  spec: MeshSpec,
  known?: ReturnType<typeof record>,
  allowDowngrade = false,
) => {
  const result = sidesInPlace({ phase, version, allowDowngrade }, mesh(spec), known);
  if (result.kind === 'sides') return `${result.from.version} ${result.to.version}`;
  return result.kind === 'refused' ? result.findings.map(({ id }) => id).join() : result.kind;
};
const mine = record({ from: A, to: B });
const ended = { ...mine, endedAt: '2026-11-28T01:00:00Z' };
/** A mesh with a workload that was restarted for a release in an attempt of this name. */
const marked = (spec: MeshSpec, ...marks: [release: string, attempt: string][]): MeshSpec => ({
  ...spec,
  workloads: marks.map(([release, attempt], index) =>
    workload(`a/w${String(index)}`, { restartedFor: `${R}@${release}#${attempt}-ab12` }),
  ),
});
const FROM_ELSEWHERE: [string, string] = ['1.31.0', '1-30-4-to-1-31-0'];
const CANARY_UP: [string, string] = ['1.31.0', '1-30-3-to-1-31-0'];
const CANARY_DOWN: [string, string] = ['1.30.3', '1-31-0-to-1-30-3'];

describe('issue 14: the sides of an upgrade in place', () => {
  test.each<[what: string, answer: string, expected: string]>([
    ['a new one', sides('canary', '1.31.0', seen('1.30.3', '1.30.3')), '1.30.3 1.31.0'],
    ['down', sides('canary', '1.30.3', seen('1.31.0', '1.31.0')), '1.31.0 1.30.3'],
    ['the record of it', sides('promote', undefined, seen('1.31.0', '1.31.0'), mine), '1.30.3 1.31.0'],
    [
      'without record: what the proxies still are',
      sides('rollback', '1.31.0', seen('1.31.0', '1.30.3', '1.31.0')),
      '1.30.3 1.31.0',
    ],
    ['all is there already', sides('canary', '1.31.0', seen('1.31.0', '1.31.0')), 'nothing'],
    [
      'nobody knows what was before',
      sides('rollback', '1.31.0', seen('1.31.0', '1.31.0')),
      'way-back-unknown',
    ],
    [
      'nor where two were',
      sides('rollback', '1.31.0', seen('1.31.0', '1.30.3', '1.29.0')),
      'way-back-unknown',
    ],
    [
      'the nearest, on the way on',
      sides('promote', '1.31.0', seen('1.31.0', '1.29.0', '1.30.3')),
      '1.30.3 1.31.0',
    ],
    [
      'a rollback told the version to go back to',
      sides('rollback', '1.30.3', seen('1.31.0', '1.31.0', '1.30.3')),
      'target-not-newer',
    ],
    [
      'the same, with the record of the upgrade that is complete',
      sides('rollback', '1.30.3', seen('1.31.0', '1.31.0'), { ...mine, endedAt: '2026-11-28T01:00:00Z' }),
      'target-not-newer',
    ],
    [
      'a rollback of a downgrade that the record knows',
      sides('rollback', '1.30.3', seen('1.31.0', '1.30.3'), record({ from: B, to: A })),
      '1.31.0 1.30.3',
    ],
    [
      'a rollback of a downgrade whose record was lost, by leave',
      sides('rollback', '1.30.3', seen('1.31.0', '1.30.3'), undefined, true),
      '1.31.0 1.30.3',
    ],
    [
      'by the same leave, where only an upgrade the other way has restarted anything',
      sides('rollback', '1.30.3', marked(seen('1.31.0', '1.31.0', '1.30.3'), CANARY_UP), undefined, true),
      'rollback-way-unclear',
    ],
    [
      'or one that led there from elsewhere',
      sides('rollback', '1.31.0', marked(seen('1.32.0', '1.31.0', '1.32.0'), CANARY_UP), undefined, true),
      'rollback-way-unclear',
    ],
    [
      'with istiod put back by hand',
      sides('rollback', '1.30.3', marked(seen('1.30.3', '1.31.0'), CANARY_UP), undefined, true),
      'rollback-way-unclear',
    ],
    [
      'not where the downgrade has restarted something, too',
      sides(
        'rollback',
        '1.30.3',
        marked(seen('1.31.0', '1.30.3', '1.31.0'), CANARY_UP, CANARY_DOWN),
        undefined,
        true,
      ),
      '1.31.0 1.30.3',
    ],
    [
      'a downgrade whose record was lost, told the version to go back to',
      sides('rollback', '1.31.0', marked(seen('1.31.0', '1.30.3', '1.31.0'), CANARY_DOWN)),
      'rollback-way-unclear',
    ],
    [
      'the upgrade that followed by hand on one whose restarts are there still',
      sides('rollback', '1.32.0', marked(seen('1.32.0', '1.31.0', '1.32.0'), CANARY_UP)),
      '1.31.0 1.32.0',
    ],
    [
      'promote asks for none of that',
      sides('promote', '1.31.0', marked(seen('1.31.0', '1.30.3', '1.31.0'), CANARY_DOWN)),
      '1.30.3 1.31.0',
    ],
    [
      'the version that the upgrade in the record came from, by leave',
      sides('rollback', '1.30.3', seen('1.31.0', '1.31.0'), ended, true),
      'rollback-way-unclear',
    ],
    [
      'and of a downgrade',
      sides('rollback', '1.31.0', seen('1.30.3', '1.30.3'), { ...ended, from: B, to: A }),
      'rollback-way-unclear',
    ],
    [
      'restarts for it came from elsewhere than what an older upgrade has left behind',
      sides('rollback', '1.31.0', marked(seen('1.31.0', '1.31.0', '1.30.3'), FROM_ELSEWHERE)),
      'rollback-way-unclear',
    ],
    [
      'not where one came from there, too',
      sides('rollback', '1.31.0', marked(seen('1.31.0', '1.31.0', '1.30.3'), FROM_ELSEWHERE, CANARY_UP)),
      '1.30.3 1.31.0',
    ],
    [
      'an earlier attempt that was rolled back is no restart for it',
      sides(
        'rollback',
        '1.31.0',
        marked(seen('1.31.0', '1.31.0', '1.30.3'), FROM_ELSEWHERE, ['1.30.3', CANARY_UP[1]]),
      ),
      'rollback-way-unclear',
    ],
    [
      'a rollback that has restarted all that there was',
      sides('rollback', '1.31.0', marked(seen('1.31.0', '1.30.3'), ['1.30.3', CANARY_UP[1]])),
      '1.30.3 1.31.0',
    ],
    [
      "a vendor's build is told by its release",
      sides(
        'rollback',
        '1.31.0-solo',
        marked(seen('1.31.0-solo', '1.31.0-solo', '1.30.3-solo'), [
          '1.31.0-solo',
          '1-30-3-solo-to-1-31-0-solo',
        ]),
      ),
      '1.30.3 1.31.0-solo',
    ],
    [
      'istiod put back by hand: its proxies follow it',
      sides('rollback', '1.31.0', marked(seen('1.30.3', '1.31.0'), FROM_ELSEWHERE)),
      '1.30.3 1.31.0',
    ],
    [
      'promote keeps what restarts name, for the rollback that may follow',
      sides('promote', '1.31.0', marked(seen('1.31.0', '1.31.0', '1.30.3'), FROM_ELSEWHERE)),
      '1.30.4 1.31.0',
    ],
    [
      'not where they name two',
      sides('promote', '1.31.0', marked(seen('1.31.0', '1.30.3'), FROM_ELSEWHERE, CANARY_UP)),
      '1.30.3 1.31.0',
    ],
    [
      'what is two minors behind was no release before it',
      sides('rollback', '1.32.0', seen('1.32.0', '1.32.0', '1.30.3')),
      'way-back-unknown',
    ],
    [
      'nor does an upgrade begin there',
      sides('precheck', '1.32.0', seen('1.32.0', '1.32.0', '1.30.3')),
      'nothing',
    ],
    [
      'what is newer than istiod is no way back, where none asked for one down',
      sides('rollback', '1.30.3', seen('1.30.3', '1.30.3', '1.31.0'), {
        ...mine,
        endedAt: '2026-11-28T01:00:00Z',
      }),
      'way-back-unknown',
    ],
    [
      'what stays by leave says nothing',
      sides('rollback', '1.31.0', {
        ...seen('1.31.0', '1.31.0'),
        pods: [at('a/0', '1.31.0'), { ...at('a/1', '1.30.3'), accepted: true }],
      }),
      'way-back-unknown',
    ],
    ['nothing is to be rolled back', sides('rollback', undefined, seen('1.30.3', '1.30.3')), 'nothing'],
    [
      'restarts tell of an upgrade that is through, and its record is lost',
      sides('rollback', undefined, marked(seen('1.31.0', '1.31.0'), CANARY_UP)),
      'target-unknown',
    ],
    [
      'of one that was rolled back they tell nothing to do',
      sides('rollback', undefined, marked(seen('1.30.3', '1.30.3'), ['1.30.3', CANARY_UP[1]])),
      'nothing',
    ],
    [
      'nor does one before what runs now',
      sides('rollback', undefined, marked(seen('1.32.0', '1.32.0'), CANARY_UP)),
      'nothing',
    ],
    [
      'something is, and no version',
      sides('rollback', undefined, seen('1.31.0', '1.30.3')),
      'target-unknown',
    ],
    [
      'another one is under way',
      sides('canary', '1.32.0', seen('1.31.0', '1.30.3'), mine),
      'other-upgrade-under-way',
    ],
    [
      'another one that is complete is not',
      sides('canary', '1.32.0', seen('1.31.0', '1.31.0'), mine),
      '1.31.0 1.32.0',
    ],
    ['nor one that never began', sides('canary', '1.32.0', seen('1.30.3', '1.30.3'), mine), '1.30.3 1.32.0'],
    ['a revision', sides('canary', '1.31.0', { planes: [plane('1-30-3', '1.30.3')] }), 'revisions-in-use'],
    [
      'a tag',
      sides('canary', '1.31.0', { ...seen('1.30.3'), tags: { default: R, prod: R } }),
      'revisions-in-use',
    ],
    [
      'the way back does not ask for tags',
      sides('rollback', '1.31.0', { ...seen('1.31.0', '1.30.3'), tags: { default: R, prod: R } }),
      '1.30.3 1.31.0',
    ],
    ['no istiod', sides('canary', '1.31.0', { planes: [] }), 'no-control-plane'],
  ])('%s', (_, answer, expected) => {
    expect(answer).toBe(expected);
  });
});

test('a tag that comes half-way leads to the way back, and not to the other strategy', () => {
  const remedy = (known?: ReturnType<typeof record>) => {
    const inputs = { phase: 'promote', version: '1.31.0', allowDowngrade: false } as const;
    const result = sidesInPlace(
      inputs,
      mesh({ ...seen('1.31.0', '1.30.3'), tags: { default: R, prod: R } }),
      known,
    );
    return result.kind === 'refused' ? result.findings[0]?.remedy : undefined;
  };
  expect(remedy()).toContain('Use strategy: revision');
  expect(remedy(ended)).toContain('Use strategy: revision');
  expect(remedy(mine)).toMatch(/^An upgrade in place is under way: roll it back .* Or take the tag away/);
});

test('another upgrade is ended first: by promote or rollback, and by rollback alone where that has begun', () => {
  const remedy = (known: ReturnType<typeof record>) => {
    const inputs = { phase: 'canary', version: '1.31.1', allowDowngrade: false } as const;
    const result = sidesInPlace(inputs, mesh(seen('1.31.0', '1.31.0', '1.30.3')), known);
    return result.kind === 'refused' ? result.findings[0]?.remedy : undefined;
  };
  expect(remedy(mine)).toBe('Finish it, or roll it back with version: 1.31.0, before the next begins.');
  expect(remedy({ ...mine, intent: 'rollback' })).toBe(
    'Run rollback again, with version: 1.31.0: it goes on where it stopped.',
  );
});

describe('istiod is deleted while it is upgraded in place', () => {
  const gone = (inputs: { phase: Phase; version?: string }, known: ReturnType<typeof record>, more = {}) => {
    const spec = { ...seen('1.31.0', '1.31.0', '1.30.3'), planes: [], ...more };
    const result = sidesInPlace({ version: undefined, allowDowngrade: false, ...inputs }, mesh(spec), known);
    return result.kind === 'refused' ? result.findings[0] : undefined;
  };
  const again = 'Install 1.31.0 with its own istioctl and the same config and set';

  test('the newer of both is installed again, and the same phase or rollback goes on from there', () => {
    for (const phase of ['precheck', 'canary', 'promote', 'rollback'] as const)
      expect(gone({ phase }, mine)).toMatchObject({
        id: 'no-control-plane',
        message:
          'there is no istiod in namespace istio-system, and an upgrade from 1.30.3 to 1.31.0 is under way: somebody has deleted it since',
        remedy: `${again}. Then run the phase again, or rollback, with version: 1.31.0.`,
      });
    expect(gone({ phase: 'canary', version: '1.31.1' }, mine)?.remedy).toContain(again);
  });

  test('down it is the one that was left, and of a rollback that alone goes on', () => {
    const down = { ...record({ from: B, to: A }), intent: 'rollback' as const };
    expect(gone({ phase: 'canary' }, down)?.remedy).toBe(
      `${again}. Then run rollback again, with version: 1.30.3.`,
    );
  });

  test('also where somebody has installed a revision meanwhile, which no rollback gets by', () => {
    expect(gone({ phase: 'rollback' }, mine, { planes: [plane('1-31-1', '1.31.1')] })?.remedy).toContain(
      again,
    );
  });

  test('with none under way another namespace may be meant', () => {
    expect(gone({ phase: 'rollback' }, ended)?.remedy).toContain('istio-namespace');
  });
});

test('what was upgraded in place leads to that strategy', () => {
  const result = sidesOf(
    { phase: 'rollback', version: undefined, revision: undefined },
    mesh(seen('1.31.0')),
    ended,
  );
  expect(result.kind === 'refused' && result.findings[0]?.remedy).toContain('Give strategy: in-place');
});

test('what denies the way says which way gets on', () => {
  const said = (spec: MeshSpec, version: string, known?: ReturnType<typeof record>) => {
    const result = sidesInPlace({ phase: 'rollback', version, allowDowngrade: true }, mesh(spec), known);
    return result.kind === 'refused' ? result.findings.map(({ object, remedy }) => [object, remedy]) : [];
  };
  expect(said(marked(seen('1.31.0', '1.31.0', '1.30.3'), CANARY_UP), '1.30.3')).toEqual([
    [
      'Deployment a/w0',
      'Version names what the upgrade goes to, also in rollback: give version: 1.31.0. If an upgrade did go from 1.31.0 to 1.30.3, go back by canary and promote, with version: 1.31.0.',
    ],
  ]);
  expect(said(seen('1.31.0', '1.31.0'), '1.30.3', ended)).toEqual([
    [
      'ConfigMap istio-system/istio-upgrade',
      expect.stringContaining('leave version out, or give version: 1.31.0. If'),
    ],
  ]);
  expect(said(marked(seen('1.31.0', '1.30.3', '1.31.0'), CANARY_DOWN), '1.31.0')).toEqual([
    ['Deployment a/w0', expect.stringContaining('give version: 1.30.3 and allow-downgrade: true. If')],
  ]);
  expect(said(marked(seen('1.31.0', '1.31.0', '1.30.3'), FROM_ELSEWHERE), '1.31.0')).toEqual([
    [
      'Deployment a/w0',
      'Find out which ran before 1.31.0, and go back to it by canary and promote: version: 1.30.4 and allow-downgrade: true, or version: 1.30.3 and allow-downgrade: true.',
    ],
  ]);
  // Without a record there is none that could be meant by leaving it out.
  const slip = (known?: ReturnType<typeof record>) => {
    const inputs = { phase: 'rollback', version: '1.30.3', allowDowngrade: false } as const;
    const result = sidesInPlace(inputs, mesh(seen('1.31.0', '1.31.0')), known);
    return result.kind === 'refused' && result.findings[0]?.remedy?.includes('leave it out');
  };
  expect([slip(), slip(ended)]).toEqual([false, true]);
});

describe('the record of an upgrade in place', () => {
  test('M34: is not believed where its own restarts went the other way, as with its sides swapped', () => {
    const restarted = (attempt: string): MeshSpec => ({
      ...seen('1.31.0'),
      workloads: [workload('a/w', { restartedFor: `${R}@1.31.0#${attempt}` })],
    });
    const swapped = record({ from: B, to: A, attempt: 'x' });
    expect(doubtOf(swapped, mesh(restarted('x')))).toBe(
      'it goes to 1.30.3, and Deployment a/w was restarted for 1.31.0 in it',
    );
    // Of another attempt, or on the way back.
    expect(doubtOf(swapped, mesh(restarted('y')))).toBeUndefined();
    expect(doubtOf({ ...swapped, intent: 'rollback' }, mesh(restarted('x')))).toBeUndefined();
    expect(doubtOf(record({ from: A, to: B, attempt: 'x' }), mesh(restarted('x')))).toBeUndefined();
  });

  const doubt = (changes: object, version: string): boolean =>
    doubtOf(record({ from: A, to: B, ...changes }), mesh(seen(version))) !== undefined;

  test('is believed either way, while one of its two versions runs', () => {
    expect([doubt({}, '1.30.3'), doubt({}, '1.31.0'), doubt({ from: B, to: A }, '1.31.0')]).toEqual([
      false,
      false,
      false,
    ]);
    expect([
      doubt({}, '1.29.0'),
      doubt({ to: A }, '1.30.3'),
      doubt({ from: { ...A, version: '' } }, '1.30.3'),
    ]).toEqual([true, true, true]);
  });

  test('is gone on with by the same strategy alone', () => {
    expect(otherStrategy(mine, 'in-place')).toEqual([]);
    expect(otherStrategy(mine, 'revision').map(({ remedy }) => remedy)).toEqual([
      expect.stringContaining('strategy: in-place'),
    ]);
    expect(otherStrategy(record(), 'in-place')).toHaveLength(1);
    expect(otherStrategy(record({ ...mine, endedAt: '2026-11-28T00:00:00Z' }), 'revision')).toEqual([]);
  });
});
