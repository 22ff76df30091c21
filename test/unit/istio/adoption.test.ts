import { describe, expect, test } from '@jest/globals';
import { tagMovesOf } from '../../../src/decide/tag-moves.ts';
import { adoptPatch, adoptable, parseAdoption } from '../../../src/istio/adoption.ts';
import { unreached } from '../../../src/istio/goal.ts';
import type { MeshNamespace } from '../../../src/istio/mesh.ts';
import { forgetPatch, movePatch, restorePatch } from '../../../src/istio/moves.ts';
import { namespaceOf } from '../../../src/istio/namespace.ts';
import { isMoved, returningNamespaces } from '../../../src/istio/scope.ts';
import { type MeshSpec, NEW, OLD, mesh, plane } from '../../support/mesh.ts';

const SIDES = { from: OLD, to: NEW };
const REV = 'istio.io/rev';
const ADOPTED = 'istio-upgrade/adopted-tag';
const ORIGINALS = 'istio-upgrade/original-labels';
const originals = { [REV]: OLD.revision, 'istio-injection': null };

const seen = (labels: Record<string, string>, annotations: Record<string, string> = {}): MeshNamespace =>
  namespaceOf({ metadata: { name: 'shop', labels, annotations } }, [], []);
const moved = seen({ [REV]: NEW.revision }, { [ORIGINALS]: JSON.stringify(originals) });
const adopted = seen(
  { [REV]: 'prod' },
  { [ORIGINALS]: JSON.stringify(originals), [ADOPTED]: `prod@${NEW.revision}` },
);
const names = (namespaces: readonly MeshNamespace[]) =>
  adoptable({ namespaces }, SIDES, 'prod').map(({ name }) => name);

describe('namespaces that named the old revision follow a tag', () => {
  test('those that did before this upgrade, until they do', () => {
    expect(names([moved])).toEqual(['shop']);
    expect(names([seen({ [REV]: OLD.revision })])).toEqual(['shop']);
    expect(names([adopted])).toEqual([]);
  });

  test.each<[string, MeshNamespace]>([
    ['follows the default', seen({ 'istio-injection': 'enabled' })],
    [
      'followed it, and was moved',
      seen({ [REV]: NEW.revision }, { [ORIGINALS]: '{"istio.io/rev":null,"istio-injection":"enabled"}' }),
    ],
    ['has both labels', seen({ [REV]: OLD.revision, 'istio-injection': 'enabled' })],
    ['follows another tag', seen({ [REV]: 'blue' })],
    ['was labelled for the target by somebody', seen({ [REV]: NEW.revision })],
    ['is being deleted', { ...moved, terminating: true }],
  ])('not one that %s', (_, namespace) => {
    expect(names([namespace])).toEqual([]);
  });

  test('a control plane without a revision has no name of its own', () => {
    const sides = { from: { revision: 'default' }, to: NEW };
    expect(adoptable({ namespaces: [seen({ [REV]: 'default' })] }, sides, 'prod')).toEqual([]);
  });

  test('promote has not reached its goal before', () => {
    const spec = (label: string): MeshSpec => ({
      planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
      tags: { default: NEW.revision, prod: NEW.revision },
      defaultValidator: NEW.revision,
      namespaces: { a: { [REV]: label } },
      originals: { a: originals },
    });
    const goal = {
      phase: 'promote',
      from: OLD.revision,
      to: NEW.revision,
      scope: { namespaces: [], tags: [] },
      default: NEW.revision,
      tags: {},
      along: { gateways: false, cni: false },
      removeOld: false,
    } as const;
    const lacks = (label: string, adopts?: string) =>
      unreached(mesh(spec(label)), { ...goal, adopts }).map(({ object }) => object);
    expect(lacks(NEW.revision, 'prod')).toEqual(['Namespace a']);
    expect(lacks('prod', 'prod')).toEqual([]);
    expect(lacks(NEW.revision)).toEqual([]);
  });
});

describe('promise 3: the labels of before stay on them', () => {
  const of = { tag: 'prod', revision: NEW.revision };

  test('only what this upgrade moved is changed, in one patch', () => {
    expect(adoptPatch(moved, of)).toEqual({
      metadata: { labels: { [REV]: 'prod' }, annotations: { [ADOPTED]: `prod@${NEW.revision}` } },
    });
    expect(adoptPatch(seen({ [REV]: NEW.revision }), of)).toBeUndefined();
    expect(adoptPatch({ ...moved, terminating: true }, of)).toBeUndefined();
  });

  test('it still counts as moved, and goes back to the label that it had', () => {
    expect(isMoved(adopted, NEW.revision)).toBe(true);
    const injectors = mesh({ planes: [plane(OLD.revision, OLD.version)] }).injectors;
    expect(returningNamespaces({ namespaces: [adopted], injectors }, NEW.revision, OLD.revision)).toEqual([
      adopted,
    ]);
    expect(restorePatch({ originals, adopted: of })).toEqual({
      metadata: { labels: originals, annotations: { [ORIGINALS]: null, [ADOPTED]: null } },
    });
    expect(forgetPatch(adopted)).toEqual({
      metadata: { annotations: { [ORIGINALS]: null, [ADOPTED]: null } },
    });
    expect(movePatch(adopted, NEW.revision)).toMatchObject({
      metadata: { annotations: { [ORIGINALS]: JSON.stringify(originals), [ADOPTED]: null } },
    });
  });

  test('M37: an annotation that does not fit the label, or the upgrade, is stale', () => {
    expect(isMoved({ ...adopted, labels: { [REV]: 'blue' } }, NEW.revision)).toBe(false);
    expect(isMoved(adopted, 'another')).toBe(false);
    expect(parseAdoption('prod')).toBeUndefined();
    expect(parseAdoption('a b@1-31-0')).toBeUndefined();
    expect(parseAdoption(undefined)).toBeUndefined();
  });
});

test('a tag that this upgrade made goes in rollback, as who was made to follow it does so no more', () => {
  const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
  const base = mesh({ planes, tags: { prod: NEW.revision } });
  const asked = { phase: 'rollback', canaryTag: undefined, stableTags: [] } as const;
  const record = { tags: { prod: null } } as unknown as Parameters<typeof tagMovesOf>[3];
  const moves = (namespace: MeshNamespace) =>
    tagMovesOf(asked, { ...base, namespaces: [namespace] }, SIDES, record);
  expect(moves(adopted)).toEqual({ prod: null });
  expect(moves(seen({ [REV]: 'prod' }))).toEqual({ prod: OLD.revision });
});
