import { describe, expect, test } from '@jest/globals';
import { NOTHING_BEFORE, servedNow } from '../../../src/istio/before.ts';
import { lostInjection } from '../../../src/istio/lost-injection.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, workload } from '../../support/mesh.ts';

type Labels = Readonly<Record<string, string>>;

const DEFAULT: Partial<MeshSpec> = { tags: { default: OLD.revision } };

/** @returns what is said of namespace `a`, as its labels and the mesh become others while a run goes on */
function told(
  was: Labels,
  is: Labels,
  before: Partial<MeshSpec>,
  after: Partial<MeshSpec>,
  sides = { from: OLD, to: NEW },
): string[] {
  const planes = [plane(OLD.revision, OLD.version)];
  const served = servedNow(mesh({ planes, namespaces: { a: was }, ...before }), sides);
  const now = mesh({ planes, namespaces: { a: is }, ...after });
  return lostInjection(now, { ...NOTHING_BEFORE, served }).map(
    ({ id, severity, object = '', message }) =>
      `${severity} ${id} ${object} ${/\((\S+)\)/.exec(message)?.[1] ?? ''}`,
  );
}

describe('T14: nobody injects a namespace any more', () => {
  const ENABLED = { 'istio-injection': 'enabled' };
  const TAGGED = { 'istio.io/rev': 'prod' };

  test('its default was taken away', () => {
    expect(told(ENABLED, ENABLED, DEFAULT, { tags: {} })).toEqual([
      'error injection-lost Namespace a default',
    ]);
  });

  test('its tag was taken away', () => {
    expect(told(TAGGED, TAGGED, { tags: { prod: OLD.revision } }, { tags: {} })).toEqual([
      'error injection-lost Namespace a prod',
    ]);
  });

  test('it was moved back to a default that has gone meanwhile', () => {
    expect(told({ 'istio.io/rev': OLD.revision }, ENABLED, DEFAULT, { tags: {} })).toEqual([
      'error injection-lost Namespace a default',
    ]);
  });

  test('the default that pods ask for by their own label alone was taken away', () => {
    expect(told({}, {}, DEFAULT, { tags: {} })).toEqual(['error injection-lost tag default ']);
    // Before 1.12 no upgrade moves it: it goes with its control plane.
    const early = { from: { ...OLD, version: '1.10.6' }, to: { ...NEW, version: '1.11.8' } };
    expect(told({}, {}, DEFAULT, { tags: {} }, early)).toEqual([]);
  });

  test('the tag that a template chooses was taken away', () => {
    const pinned = (injectedBy: readonly string[], accepted = false): Partial<MeshSpec> => ({
      workloads: [workload('a/web', { injectedBy, pinnedRevision: 'edges', accepted })],
    });
    expect(told({}, {}, pinned([OLD.revision]), pinned([]))).toEqual([
      'error injection-lost Deployment a/web edges',
    ]);
    expect(told({}, {}, pinned([OLD.revision]), pinned([], true))).toEqual([]);
    expect(told({}, {}, pinned([]), pinned([]))).toEqual([]);
    expect(
      told({}, {}, pinned([OLD.revision]), {
        workloads: [workload('a/web', { injectedBy: [], pinnedRevision: undefined })],
      }),
    ).toEqual([]);
  });

  test.each<[string, Labels, Labels, Partial<MeshSpec>, Partial<MeshSpec>]>([
    ['its label was taken away: somebody has chosen', ENABLED, {}, DEFAULT, DEFAULT],
    ['it was so before', TAGGED, TAGGED, {}, {}],
    [
      'somebody else injects it now',
      ENABLED,
      { 'istio.io/rev': NEW.revision },
      DEFAULT,
      {
        ...DEFAULT,
        planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
      },
    ],
    ['nothing has changed', ENABLED, ENABLED, DEFAULT, DEFAULT],
  ])('not told: %s', (_, was, is, before, after) => {
    expect(told(was, is, before, after)).toEqual([]);
  });
});
