import { expect, test } from '@jest/globals';
import { canaryEvidence } from '../../../src/checks/canary-evidence.ts';
import { checkView } from '../../support/check-view.ts';
import { OLD, pod } from '../../support/mesh.ts';

test('a canary of nothing but what may stay behind is told why it shows nothing', () => {
  const remedy = (accepted: boolean): string | undefined =>
    canaryEvidence(
      checkView({
        planes: [],
        namespaces: { a: {} },
        pods: [pod('a/ro-1', accepted ? OLD.revision : undefined, { accepted })],
      }),
    )[0]?.remedy;
  expect(remedy(true)).toContain('may stay behind (allow-stragglers), and is no evidence');
  expect(remedy(false)).toContain('that has running pods with sidecars');
});

test('a tag that nobody follows is named, and that a namespace is to be named beside it', () => {
  const seen = checkView({ planes: [] });
  const scope = { namespaces: [], tags: ['prod-canary'] };
  const [finding] = canaryEvidence({ ...seen, upgrade: { ...seen.upgrade, scope } });
  expect(finding?.message).toMatch(/^no pod that follows the tag prod-canary of a workload/);
  expect(finding?.remedy).toMatch(/^Name in canary-namespaces, beside canary-tag, a namespace/);
});
