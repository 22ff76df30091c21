import { expect, test } from '@jest/globals';
import { cniInPlace } from '../../../src/checks/in-place/cni.ts';
import { checkView } from '../../support/check-view.ts';
import { NEW, plane, shared } from '../../support/mesh.ts';

test('H54: CNI that came with the control plane is not risked in place', () => {
  const found = (goesWith: string | undefined): string[] =>
    cniInPlace(checkView({ planes: [plane(NEW.revision, NEW.version)], shared: [shared({ goesWith })] })).map(
      ({ severity, id }) => `${severity} ${id}`,
    );
  expect(found(NEW.revision)).toEqual(['error cni-goes-with-revision']);
  expect(found('another')).toEqual([]);
  expect(found(undefined)).toEqual([]);
});
