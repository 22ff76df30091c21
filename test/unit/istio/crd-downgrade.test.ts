import { expect, test } from '@jest/globals';
import { type Crd, crdOf, crdsLeftBehind, downgradeFindings } from '../../../src/istio/crd-downgrade.ts';

const crd = (name: string, versions: string[], stored: string[] = []): Crd => ({
  name: `${name}.x.istio.io`,
  group: 'x.istio.io',
  plural: name,
  versions,
  stored,
  schemas: new Map(),
});
const said = (findings: ReturnType<typeof downgradeFindings>): string[] =>
  findings.map(({ severity, id, object = '' }) => `${severity} ${id} ${object}`.trim());

test('a CRD tells its versions and those in which objects are stored', () => {
  const spec = { group: 'x.istio.io', names: { plural: 'a' }, versions: [{ name: 'v1' }, { name: 'v2' }] };
  expect(crdOf({ metadata: { name: 'a.x.istio.io' }, spec, status: { storedVersions: ['v1'] } })).toEqual(
    crd('a', ['v1', 'v2'], ['v1']),
  );
  // As charts until 1.7 may have it.
  const single = { group: 'x.istio.io', names: { plural: 'a' }, version: 'v1alpha3' };
  expect(crdOf({ metadata: { name: 'a.x.istio.io' }, spec: single })?.versions).toEqual(['v1alpha3']);
  expect(crdOf({ metadata: { name: 'istiod' }, spec: {} })).toBeUndefined();
});

test('an older CRD without a version in which objects are stored would be refused; with all of them not', () => {
  const live = [crd('a', ['v1', 'v2'], ['v1', 'v2'])];
  expect(said(downgradeFindings(live, [crd('a', ['v1', 'v2'])], [], []))).toEqual([]);
  const [found, ...others] = downgradeFindings(live, [crd('a', ['v1'])], [], []);
  expect(others).toEqual([]);
  expect([found?.severity, found?.object, found?.message]).toEqual([
    'error',
    'CustomResourceDefinition a.x.istio.io',
    expect.stringContaining('stored as v2'),
  ]);
});

test('what stays is what the newer release brought: not a kind of somebody else, nor one that is not there', () => {
  const [a, b, other] = [crd('a', ['v1']), crd('b', ['v1']), crd('other', ['v1'])];
  expect(crdsLeftBehind([a, b, other], [a, b], [a])).toEqual([b]);
  expect(crdsLeftBehind([a], [a, b], [a])).toEqual([]);
});

test('objects of a kind that the older release does not know stop it, unless that is acknowledged', () => {
  const b = crd('b', ['v1']);
  const told = (used: boolean | undefined, acknowledged: string[] = []) =>
    said(downgradeFindings([b], [], [{ crd: b, used }], acknowledged));
  const of = 'downgrade-loses-objects CustomResourceDefinition b.x.istio.io';
  expect(told(true)).toEqual([`error ${of}`, 'info crds-not-taken-back']);
  expect(told(true, ['CustomResourceDefinition/b.x.istio.io'])[0]).toBe(`warning ${of}`);
  expect(told(undefined)[0]).toBe(`warning ${of}`);
  expect(told(false)).toEqual(['info crds-not-taken-back']);
});
