import { describe, expect, test } from '@jest/globals';
import type { CheckView } from '../../../src/checks/check.ts';
import { keptTags } from '../../../src/checks/kept-tags.ts';
import { tags as tagsLead } from '../../../src/checks/tags.ts';
import type { KeptTag } from '../../../src/istio/kept-tags.ts';
import { keptOnTarget } from '../../../src/istio/kept-on-target.ts';
import { removalObstacles } from '../../../src/istio/removal.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, view } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];

/** A mesh with a tag that Git keeps. */
const kept = (tag: string, revision: string): MeshSpec => ({
  planes,
  tags: { default: OLD.revision, [tag]: revision },
  keptTags: [
    {
      tag,
      revision,
      object: `MutatingWebhookConfiguration istio-revision-tag-${tag}`,
      keeper: 'Argo CD',
      place: 'in Git',
    } satisfies KeptTag,
  ],
});

function found(spec: MeshSpec, changes: Partial<CheckView>, tags = {}) {
  const { upgrade } = view(spec);
  return keptTags(checkView(spec, { ...changes, upgrade: { ...upgrade, tags } }));
}

describe('M28: a tag that Git keeps', () => {
  const prod = kept('prod', OLD.revision);
  const moving = { prod: NEW.revision };

  test('canary tells what promote will be refused for', () => {
    for (const phase of ['precheck', 'canary'] as const) {
      expect(found(prod, { phase })).toMatchObject([
        {
          id: 'tag-kept-in-git',
          severity: 'warning',
          object: 'MutatingWebhookConfiguration istio-revision-tag-prod',
          remedy: `Once canary has succeeded, and before promote: Set tag prod in Git to ${NEW.revision} (Argo CD keeps it, and undoes istioctl tag set).`,
        },
      ]);
    }
    expect(found(prod, { phase: 'promote', state: 'canary' }, moving)).toMatchObject([
      { severity: 'error', remedy: expect.stringContaining('then run promote again') as unknown as string },
    ]);
  });

  test('what follows it is a part of the canary once Git has moved it: canary restarts it before promote goes on', () => {
    const followed = { ...prod, namespaces: { a: { 'istio.io/rev': 'prod' } } };
    const remedyOf = (changes: Partial<CheckView>, tags = {}) => found(followed, changes, tags)[0]?.remedy;
    expect(remedyOf({ phase: 'promote', state: 'canary' }, moving)).toContain(
      'then run canary with canary-tag: prod',
    );
    expect(remedyOf({ phase: 'canary' })).toContain(', then run canary with canary-tag: prod.');
    expect(remedyOf({ phase: 'promote', state: 'promoting' }, moving)).toContain('then run promote again');
  });

  test('as the canary: not before another canary works, then by Git', () => {
    expect(found(prod, { phase: 'canary', state: 'none' }, moving)).toMatchObject([
      { severity: 'error', remedy: expect.stringMatching(/^Leave tag prod out: /) as unknown as string },
    ]);
    expect(found(prod, { phase: 'canary', state: 'canarying' }, moving)).toMatchObject([
      { severity: 'error', remedy: expect.stringMatching(/^Leave tag prod out: /) as unknown as string },
    ]);
    expect(found(prod, { phase: 'canary', state: 'canary' }, moving)).toMatchObject([
      {
        severity: 'error',
        remedy: expect.stringMatching(/^Set tag prod in Git .*, then run canary again/) as unknown as string,
      },
    ]);
  });

  test('which Git has moved: done, in each phase that goes there', () => {
    const there = kept('prod', NEW.revision);
    expect(found(there, { phase: 'canary', state: 'canary' }, moving)).toEqual([]);
    expect(found(there, { phase: 'promote' }, moving)).toEqual([]);
  });

  test('on the way back: another one stays and is told, the default has to be there first', () => {
    expect(found(kept('prod', NEW.revision), { phase: 'rollback' })).toMatchObject([
      {
        severity: 'warning',
        message: expect.stringContaining('rollback leaves it') as unknown as string,
        remedy: `Set tag prod in Git to ${OLD.revision} (Argo CD keeps it, and undoes istioctl tag set), then run rollback again.`,
      },
    ]);
    const byDefault = kept('default', NEW.revision);
    expect(found(byDefault, { phase: 'rollback' })).toMatchObject([{ severity: 'error' }]);
    expect(found(prod, { phase: 'rollback' })).toEqual([]);
  });

  test('promote moves the default: refused, and told before', () => {
    const byDefault = kept('default', OLD.revision);
    expect(found(byDefault, { phase: 'canary' })).toMatchObject([{ severity: 'warning' }]);
    expect(found(byDefault, { phase: 'promote' })).toMatchObject([
      { severity: 'error', message: expect.stringContaining('the default tag') as unknown as string },
    ]);
  });
});

test('M28: what keeps a removal or a rollback from its end is changed in Git, too', () => {
  const [obstacle] = removalObstacles(mesh(kept('prod', NEW.revision)), NEW.revision, OLD.revision);
  expect(obstacle?.remedy).toMatch(`Set tag prod in Git to ${OLD.revision}`);
  const { upgrade } = view({ planes });
  expect(keptOnTarget(mesh(kept('prod', NEW.revision)), upgrade)).toEqual([
    `Set tag prod in Git to ${OLD.revision} (Argo CD keeps it, and undoes istioctl tag set).`,
  ]);
  expect(keptOnTarget(mesh(kept('prod', OLD.revision)), upgrade)).toEqual([]);
  const [dangling] = tagsLead(checkView(kept('prod', 'gone')));
  expect(dangling).toMatchObject({
    id: 'tag-dangles',
    remedy: `Set tag prod in Git to ${OLD.revision} (Argo CD keeps it, and undoes istioctl tag set), or take it away there.`,
  });
});
