import { describe, expect, test } from '@jest/globals';
import { credited, doubtOf, recordDoubted, wayUnclear } from '../../../src/decide/credit.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import { record } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, mesh, plane } from '../../support/mesh.ts';

const old = plane(OLD.revision, OLD.version);
const target = plane(NEW.revision, NEW.version);
const both: MeshSpec = { planes: [old, target] };

describe('whether a record is believed', () => {
  test.each<[string, Partial<UpgradeRecord>, MeshSpec]>([
    ['of both control planes', {}, both],
    ['before the canary is installed', {}, { planes: [old] }],
    ['after the old one is gone', {}, { planes: [target] }],
    [
      'written where the old one was gone',
      { from: { revision: '(gone)', version: '' } },
      { planes: [target] },
    ],
    [
      'of which a control plane does not tell its version',
      {},
      { planes: [old, { ...target, version: undefined }] },
    ],
    ['of a prerelease to its release', { from: { ...OLD, version: '1.31.0-rc.1' } }, { planes: [target] }],
  ])('one that fits: %s', (_, changes, spec) => {
    expect(doubtOf(record(changes), mesh(spec))).toBeUndefined();
    expect(credited(record(changes), mesh(spec))).toEqual(record(changes));
  });

  test.each<[string, Partial<UpgradeRecord>, MeshSpec, string]>([
    ['M34: from and to swapped', { from: NEW, to: OLD }, both, 'only goes up'],
    [
      'M34: the target called by the old revision',
      { from: NEW, to: { revision: OLD.revision, version: NEW.version } },
      both,
      'only goes up',
    ],
    [
      'M34: a target whose istiod runs another version',
      { from: { revision: 'x', version: OLD.version }, to: { revision: OLD.revision, version: NEW.version } },
      both,
      `${OLD.revision} is ${NEW.version}, and it runs ${OLD.version}`,
    ],
    [
      'M34: a source whose istiod runs another version',
      { from: { ...OLD, version: '1.29.6' } },
      both,
      `${OLD.revision} is 1.29.6, and it runs ${OLD.version}`,
    ],
    [
      'M35: to the unrevisioned one',
      { to: { revision: 'default', version: NEW.version } },
      both,
      "can't be a canary",
    ],
    ['both sides the same', { from: NEW, to: NEW }, both, 'the same revision'],
    ['the same version', { from: { ...OLD, version: NEW.version } }, { planes: [] }, 'only goes up'],
    ['no version to go to', { to: { ...NEW, version: '' } }, { planes: [old] }, 'which version it goes to'],
    [
      'M34: in place, with sides and intent changed, whose attempt still names the way that it went',
      {
        attempt: '1-30-3-to-1-31-0-ab12cd34',
        from: { revision: 'default', version: NEW.version },
        to: { revision: 'default', version: OLD.version },
        intent: 'rollback',
      },
      { planes: [plane('default', NEW.version)] },
      'its attempt is named 1-30-3-to-1-31-0-ab12cd34',
    ],
  ])('not one of %s', (_, changes, spec, why) => {
    expect(doubtOf(record(changes), mesh(spec))).toContain(why);
    expect(credited(record(changes), mesh(spec))).toBeUndefined();
  });

  test.each([
    [
      'up, and a slip of the input',
      '1-31-0-to-1-30-3-ab12cd34',
      { from: OLD, to: NEW },
      `If it goes to ${OLD.version}, give version: ${OLD.version} and allow-downgrade: true. If`,
    ],
    [
      'down, and a slip of the input',
      '1-30-3-to-1-31-0-ab12cd34',
      { from: NEW, to: OLD },
      `If it goes to ${NEW.version}, give version: ${NEW.version}. If`,
    ],
  ])('in place the attempt’s name and the input must not differ: %s', (_, attempt, { from, to }, remedy) => {
    const inPlace = { from: { ...from, revision: 'default' }, to: { ...to, revision: 'default' } };
    expect(wayUnclear(record({ attempt }), inPlace, mesh(both))).toMatchObject([
      { id: 'rollback-way-unclear', severity: 'error', remedy: expect.stringContaining(remedy) as unknown },
    ]);
    expect(wayUnclear(record({ attempt }), { from: inPlace.to, to: inPlace.from }, mesh(both))).toEqual([]);
    expect(wayUnclear(record({ attempt }), { from, to }, mesh(both))).toEqual([]);
  });

  test('none is none', () => {
    expect(credited(undefined, mesh(both))).toBeUndefined();
  });

  test('the doubt is a warning with the way on', () => {
    expect(recordDoubted('it is odd', mesh(both))).toMatchObject({
      id: 'record-not-credible',
      severity: 'warning',
      message: expect.stringContaining('it is odd'),
      remedy: expect.stringContaining('kubectl delete configmap istio-upgrade -n istio-system'),
    });
  });
});
