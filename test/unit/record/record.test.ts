import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endingOf } from '../../../src/engine/ending.ts';
import { RecordUnreadable, type UpgradeRecord, parseRecord } from '../../../src/record/record.ts';
import { hostile } from '../report/hostile.ts';

const RECORD: UpgradeRecord = {
  schemaVersion: 1,
  attempt: '6a040c4c',
  from: { revision: 'default', version: '1.30.3' },
  to: { revision: '1-31-0', version: '1.31.0' },
  istioctl: { to: { source: 'https://mirror.example/istioctl', sha256: 'a'.repeat(64) } },
  troubled: ['Deployment shop/broken'],
  unsynced: ['Deployment shop/cut-off'],
  promotedAt: '2026-11-25T02:00:00.000Z',
  intent: 'canary',
  run: 'https://github.example/o/r/actions/runs/1/attempts/1',
  writtenAt: '2026-11-25T03:00:00.000Z',
};

function configMap(record: string | undefined) {
  return {
    metadata: { name: 'istio-upgrade', namespace: 'istio-system' },
    ...(record === undefined ? {} : { data: { record } }),
  };
}

const read = (value: unknown): UpgradeRecord => parseRecord(configMap(JSON.stringify(value)));

test('what this Action writes can be read again', () => {
  expect(read(RECORD)).toEqual(RECORD);
  expect(read({ ...RECORD, endedAt: '2026-11-25T04:00:00.000Z', intent: 'rollback' }).intent).toBe(
    'rollback',
  );
  // Written where the old control plane was gone already.
  expect(read({ ...RECORD, from: { revision: '(gone)', version: '' } }).from.version).toBe('');
});

describe('what somebody else has written', () => {
  test.each([undefined, '', '{', 'null', '[]', '{}', '{"schemaVersion":2}', '{"schemaVersion":1}'])(
    '%j is no record',
    (text) => {
      expect(() => parseRecord(configMap(text))).toThrow(RecordUnreadable);
    },
  );

  test.each([
    ['attempt', 5],
    ['attempt', 'a\n::error::b'],
    ['from', 'default'],
    ['from', { revision: {}, version: '1.30.3' }],
    ['from', { revision: 'default', version: 'latest' }],
    ['to', { revision: '--kubeconfig=/x', version: '1.31.0' }],
    ['to', { revision: '1-31-0', version: '../../evil' }],
    ['to', null],
    ['istioctl', null],
    ['istioctl', { to: { source: 'x', sha256: 'short' } }],
    ['troubled', 5],
    ['unsynced', ['Deployment shop/a b']],
    ['troubled', [7]],
    ['troubled', ['Deployment shop/a b']],
    ['troubled', Array.from({ length: 1_001 }, (_, index) => `Deployment shop/w${String(index)}`)],
    // M36
    ['canary', 'a'],
    ['canary', ['a b']],
    ['removing', 5],
    ['removing', [null]],
    ['removing', ['x']],
    ['promotedAt', 'soon'],
    ['promotedAt', 5],
    ['intent', 'destroy'],
    ['endedAt', true],
    ['run', ['x']],
    ['run', 'x'.repeat(100_000)],
    ['writtenAt', 'yesterday'],
  ])('%s: %j is refused', (field, value) => {
    expect(() => read({ ...RECORD, [field]: value })).toThrow(RecordUnreadable);
  });

  test('any text in any place is refused or harmless, and never another error', () => {
    const field = fc.constantFrom(...Object.keys(RECORD));
    fc.assert(
      fc.property(
        field,
        fc.oneof(hostile, fc.jsonValue(), fc.dictionary(hostile, hostile)),
        (name, value) => {
          try {
            const { attempt, from, to } = read({ ...RECORD, [name]: value });
            expect([attempt, from.revision, from.version, to.revision, to.version].join('')).toMatch(
              /^[\w.()-]*$/,
            );
          } catch (error) {
            expect(error).toBeInstanceOf(RecordUnreadable);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('any text in a side or a source is refused or harmless, too', () => {
    const { from, to } = RECORD;
    const sides = { from, to, proof: { source: 'x', sha256: 'a'.repeat(64) } };
    const place = fc.constantFrom(
      ...(['from', 'to'] as const).flatMap((side) => [
        [side, 'revision'] as const,
        [side, 'version'] as const,
      ]),
      ['proof', 'sha256'] as const,
    );
    fc.assert(
      fc.property(place, fc.oneof(hostile, fc.jsonValue()), ([side, field], value) => {
        const odd = { ...sides[side], [field]: value };
        const record = side === 'proof' ? { ...RECORD, istioctl: { to: odd } } : { ...RECORD, [side]: odd };
        try {
          const read = parseRecord(configMap(JSON.stringify(record)));
          const texts = [read.from.revision, read.from.version, read.to.revision, read.to.version];
          expect([...texts, read.istioctl.to?.sha256 ?? ''].join('')).toMatch(/^[\w.()-]*$/);
        } catch (error) {
          expect(error).toBeInstanceOf(RecordUnreadable);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('ends in a finding that says how to go on', () => {
    const { outcome, findings } = endingOf(new RecordUnreadable('istio-system'), false, undefined);
    expect(outcome).toBe('refused');
    expect(findings).toMatchObject([
      {
        id: 'record-unreadable',
        remedy: expect.stringContaining('kubectl delete configmap istio-upgrade -n istio-system'),
      },
    ]);
  });
});
