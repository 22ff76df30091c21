import { describe, expect, test } from '@jest/globals';
import type { CheckView } from '../../../src/checks/check.ts';
import { BEFORE_CANARY, BEFORE_PROMOTE, BEFORE_ROLLBACK } from '../../../src/checks/index.ts';
import { tagsElsewhere } from '../../../src/checks/tags-elsewhere.ts';
import { tags } from '../../../src/checks/tags.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, plane } from '../../support/mesh.ts';

/** Istio in another namespace than istio-system, with a tag that a namespace follows. */
const seen = (
  [from, to]: readonly [string, string],
  changes: Partial<CheckView> & { readonly moves?: CheckView['upgrade']['tags'] } = {},
  spec: Partial<MeshSpec> = {},
): CheckView => {
  const { moves = { prod: NEW.revision }, ...more } = changes;
  const view = checkView(
    {
      istioNamespace: 'mesh',
      planes: [plane(OLD.revision, from)],
      tags: { prod: OLD.revision },
      namespaces: { shop: { 'istio.io/rev': 'prod' } },
      ...spec,
    },
    more,
  );
  const sides = { from: { ...OLD, version: from }, to: { ...NEW, version: to } };
  return { ...view, upgrade: { ...view.upgrade, ...sides, tags: moves } };
};
const found = (...of: Parameters<typeof seen>): string[] =>
  tagsElsewhere(seen(...of)).map(({ severity, id, object }) => `${severity} ${id} ${object ?? ''}`);
const REFUSED = ['error tag-would-ask-nobody tag prod'];

describe('a tag of a mesh outside of istio-system', () => {
  test('is not moved where istioctl of either side would have it ask istio-system', () => {
    expect(found(['1.10.6', '1.11.8'])).toEqual(REFUSED);
    expect(found(['1.11.8', '1.12.9'])).toEqual(REFUSED);
    expect(found(['1.12.9', '1.13.9'])).toEqual([]);
    expect(found(['1.11.8', '1.12.9'], {}, { istioNamespace: 'istio-system' })).toEqual([]);
  });

  test('is told with what would happen, and with what gets on', () => {
    const [finding] = tagsElsewhere(seen(['1.11.8', '1.12.9']));
    expect(finding?.message).toBe(
      'istioctl 1.11.8 (as all until 1.11) sets a tag to ask an istiod in istio-system, and this mesh is in mesh: new pods in shop would be refused',
    );
    expect(finding?.remedy).toBe(
      `Do without this tag: let what follows it name the revision (such as: kubectl label namespace shop istio.io/rev=${OLD.revision} --overwrite), then take it away (istioctl tag remove prod -y --istioNamespace mesh), then leave it out of canary-tag and stable-tags, then run canary again.`,
    );
    const followed = { namespaces: { shop: { 'istio.io/rev': OLD.revision } }, tags: {} };
    const [made] = tagsElsewhere(seen(['1.10.6', '1.11.8'], {}, followed));
    expect(made?.remedy).toBe(
      'Do without this tag: leave it out of canary-tag and stable-tags, then run canary again.',
    );
  });

  test('is told before the phase that would move it', () => {
    const later = { moves: {} };
    expect(found(['1.11.8', '1.12.9'], later)).toEqual(['warning tag-would-ask-nobody tag prod']);
    expect(found(['1.11.8', '1.12.9'], { ...later, phase: 'promote' })).toEqual([]);
  });

  test('goes back by the old istioctl, which then must know it; what only goes is deleted', () => {
    const rollback = { phase: 'rollback', moves: { prod: OLD.revision } } as const;
    const there = { tags: { prod: NEW.revision } };
    expect(found(['1.11.8', '1.12.9'], rollback, there)).toEqual(REFUSED);
    expect(found(['1.12.9', '1.11.8'], rollback, there)).toEqual([]);
    expect(found(['1.11.8', '1.12.9'], { ...rollback, moves: { prod: null } }, there)).toEqual([]);
    expect(tagsElsewhere(seen(['1.11.8', '1.12.9'], rollback, there))[0]?.remedy).toContain(
      'run rollback again',
    );
  });

  test('is asked about by every phase', () => {
    for (const checks of [BEFORE_CANARY, BEFORE_PROMOTE, BEFORE_ROLLBACK])
      expect(checks).toContain(tagsElsewhere);
  });

  test('that dangles is not to be set by such an istioctl', () => {
    const dangling = (from: string): string =>
      tags(seen([from, '1.13.9'], { moves: {} }, { tags: { prod: 'gone' } }))[0]?.remedy ?? '';
    expect(dangling('1.12.9')).toContain('tag set prod');
    expect(dangling('1.11.8')).not.toContain('tag set');
    expect(dangling('1.11.8')).toContain('istioctl tag remove prod --istioNamespace mesh');
  });
});
