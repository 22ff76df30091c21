import { describe, expect, test } from '@jest/globals';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import { isPromoted, onOldSide, standsSince, wordsOf } from '../../../src/istio/promoted.ts';
import { record } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod } from '../../support/mesh.ts';

const sides = { from: OLD, to: NEW };
const SINCE = '2026-11-28T12:00:00.500Z';
const LATER = '2026-11-28T12:00:01Z';
const EARLIER = '2026-11-28T12:00:00Z';
const old = { 'istio.io/rev': OLD.revision };
const target = { 'istio.io/rev': NEW.revision };

/** A promoted mesh, and what has come to it since. */
function seen(changes: Partial<MeshSpec> = {}) {
  return mesh({
    planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
    tags: { default: NEW.revision },
    defaultValidator: NEW.revision,
    ...changes,
    pods: [pod('shop/w-1', NEW.revision), ...(changes.pods ?? [])],
    namespaces: { shop: target, ...changes.namespaces },
  });
}

const said = (changes: Partial<MeshSpec>) => wordsOf(onOldSide(seen(changes), sides, NOTHING_BEFORE));
const madeAt = (createdAt: string, more = {}) => ({ namespaceFacts: { new: { createdAt, ...more } } });

test('what keeps a mesh from promoted is named', () => {
  expect(said({})).toBe('');
  expect(said({ namespaces: { new: old } })).toBe('Namespace new chooses 1-30-3');
  expect(said({ pods: [pod('shop/x-1', OLD.revision)] })).toBe('Pod shop/x-1 is on 1-30-3');
  expect(said({ tags: { default: NEW.revision, prod: OLD.revision } })).toBe('tag prod leads to 1-30-3');
  expect(said({ tags: { default: OLD.revision } })).toBe('the default tag leads to 1-30-3');
  expect(said({ defaultValidator: undefined })).toBe('the default validator leads to nothing');
  expect(said({ apiGateways: { 'shop/edge': { claimedBy: [OLD.revision] } } })).toBe(
    'Gateway shop/edge is of 1-30-3',
  );
});

test('nor does what is being deleted: a Gateway, or the namespace that it is in', () => {
  const web = { claimedBy: [OLD.revision] };
  const gone = { namespaces: { new: old }, namespaceFacts: { new: { terminating: true } } };
  expect(said({ ...gone, apiGateways: { 'new/web': web } })).toBe('');
  expect(said({ apiGateways: { 'shop/web': { ...web, terminating: true } } })).toBe('');
});

test('of many the first are named, and the rest is counted', () => {
  const pods = Array.from({ length: 7 }, (_, index) => pod(`shop/x-${String(index)}`, OLD.revision));
  expect(said({ pods })).toMatch(/x-4 is on 1-30-3, 2 more$/);
});

test('what was left there knowingly keeps nothing from promoted', () => {
  const pods = [
    pod('shop/x-1', OLD.revision, { accepted: true }),
    pod('shop/y-1', OLD.revision, { terminating: true }),
    pod('shop/z-1', OLD.revision),
  ];
  const before = { troubled: new Set(['Deployment shop/z']) };
  expect(isPromoted(seen({ pods }), sides, undefined, before)).toBe(true);
  expect(isPromoted(seen({ pods }), sides, undefined, NOTHING_BEFORE)).toBe(false);
});

describe('a promoted mesh stands as it did', () => {
  const stands = (changes: Partial<MeshSpec>) =>
    standsSince(SINCE, seen(changes), sides, {
      record: record({ intent: 'promote' }),
      before: NOTHING_BEFORE,
    });
  const newbie = { namespaces: { new: old } };

  test.each<[string, Partial<MeshSpec>]>([
    ['nothing came', {}],
    ['an empty namespace was made since', { ...newbie, ...madeAt(LATER) }],
    ['one with a pod was', { ...newbie, ...madeAt(LATER), pods: [pod('new/w-1', OLD.revision)] }],
    [
      'one without a label was, in which a pod chooses',
      { namespaces: { new: {} }, ...madeAt(LATER), pods: [pod('new/w-1', OLD.revision)] },
    ],
  ])('where %s', (_, changes) => {
    expect(stands(changes)).toBe(true);
  });

  test.each<[string, Partial<MeshSpec>]>([
    ['the namespace is as old as that', { ...newbie, ...madeAt(EARLIER) }],
    ['nobody tells when it was made', newbie],
    ['this upgrade has moved it before', { ...newbie, ...madeAt(LATER, { originals: old }) }],
    ['what it was cannot be read', { ...newbie, ...madeAt(LATER, { unreadableOriginals: '{' }) }],
    ['another one went back, too', { namespaces: { new: old, shop: old }, ...madeAt(LATER) }],
    [
      'a pod of an older namespace did',
      { ...newbie, ...madeAt(LATER), pods: [pod('shop/x-1', OLD.revision)] },
    ],
    ['the default did', { ...newbie, ...madeAt(LATER), tags: { default: OLD.revision } }],
    ['its validator did', { ...newbie, ...madeAt(LATER), defaultValidator: OLD.revision }],
    ['a tag did', { ...newbie, ...madeAt(LATER), tags: { default: NEW.revision, prod: OLD.revision } }],
    ['the target is gone', { planes: [plane(OLD.revision, OLD.version)] }],
  ])('not where %s', (_, changes) => {
    expect(stands(changes)).toBe(false);
  });

  test('not where nobody is left on the target', () => {
    const spec = mesh({
      planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
      tags: { default: NEW.revision },
      defaultValidator: NEW.revision,
      namespaces: { new: old },
      ...madeAt(LATER),
      pods: [pod('new/w-1', OLD.revision), pod('shop/w-1', NEW.revision, { terminating: true })],
    });
    expect(standsSince(SINCE, spec, sides, { record: undefined, before: NOTHING_BEFORE })).toBe(false);
  });

  test('not where no default moves and a canary was last', () => {
    const older = {
      from: { revision: '1-10', version: '1.10.6' },
      to: { revision: '1-11', version: '1.11.8' },
    };
    const there = mesh({
      planes: [plane('1-10', '1.10.6'), plane('1-11', '1.11.8')],
      pods: [pod('shop/w-1', '1-11')],
    });
    const promoted = (intent: 'canary' | 'promote') =>
      standsSince(SINCE, there, older, { record: record({ intent }), before: NOTHING_BEFORE });
    expect([promoted('promote'), promoted('canary')]).toEqual([true, false]);
  });
});
