import { expect, test } from '@jest/globals';
import { leavesDefaultTag } from '../../../src/istio/default-tag-left.ts';
import { dropDefaultTag } from '../../../src/steps/drop-default-tag.ts';
import { type MeshSpec, mesh, plane, view } from '../../support/mesh.ts';

const R = 'default';
const sides = (from: string, to: string) => ({
  from: { revision: R, version: from },
  to: { revision: R, version: to },
});
const planned = (spec: MeshSpec, from: string, to: string): number =>
  (
    dropDefaultTag('from').plan?.(
      view(spec, {
        upgrade: {
          attempt: 'x',
          ...sides(from, to),
          scope: { namespaces: [], tags: [] },
          tags: {},
        },
      }),
    ) ?? []
  ).length;

const WITH_TAG = { tags: { default: R }, defaultValidator: R };

test('the default tag goes once a release that does not know it serves, and not before', () => {
  expect(planned({ ...WITH_TAG, planes: [plane(R, '1.11.8')] }, '1.11.8', '1.12.9')).toBe(1);
  expect(planned({ ...WITH_TAG, planes: [plane(R, '1.12.9')] }, '1.11.8', '1.12.9')).toBe(0);
  expect(planned({ ...WITH_TAG, planes: [plane(R, '1.12.9')] }, '1.12.9', '1.13.9')).toBe(0);
  expect(planned({ planes: [plane(R, '1.11.8')] }, '1.11.8', '1.12.9')).toBe(0);
});

test('half of it is there still: the validator alone', () => {
  const left = mesh({ planes: [plane(R, '1.11.8')], defaultValidator: R });
  expect(leavesDefaultTag(left, { revision: R, version: '1.11.8' })).toBe(true);
});
