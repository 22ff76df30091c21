import { expect, test } from '@jest/globals';
import { askingPods } from '../../../src/istio/asking-pods.ts';
import type { OwnedObject } from '../../../src/istio/mesh.ts';
import { removalObstacles } from '../../../src/istio/removal.ts';
import { type MeshSpec, NEW, OLD, mesh, pod } from '../../support/mesh.ts';

const SERVICE = `istiod-${OLD.revision}`;
const asks = [SERVICE];
const told = (spec: Partial<MeshSpec>) =>
  askingPods(mesh({ planes: [], ...spec }), OLD.revision, NEW.revision).map(({ object }) => object);

test('a pod on the target that the old istiod signs for holds its removal', () => {
  const spec = { pods: [pod('a/p-1', NEW.revision, { asks }), pod('a/q-1', NEW.revision)] };
  expect(askingPods(mesh({ planes: [], ...spec }), OLD.revision, NEW.revision)).toMatchObject([
    {
      id: 'still-in-use',
      severity: 'error',
      object: 'Pod a/p-1',
      message: expect.stringContaining(SERVICE) as unknown,
      remedy: expect.stringContaining('Restart Deployment a/p once') as unknown,
    },
  ]);
  expect(removalObstacles(mesh({ planes: [], ...spec }), OLD.revision, NEW.revision)).toHaveLength(1);
});

test('one that nobody owns is made anew by hand', () => {
  const spec = { pods: [pod('a/p', NEW.revision, { asks, owner: undefined })] };
  expect(askingPods(mesh({ planes: [], ...spec }), OLD.revision, NEW.revision)[0]?.remedy).toContain(
    'Make Pod a/p anew',
  );
});

test('one of the old revision itself is told once, and what ends needs no certificate', () => {
  expect(told({ pods: [pod('a/p-1', OLD.revision, { asks })] })).toEqual([]);
  expect(told({ pods: [pod('a/p-1', NEW.revision, { asks, terminating: true })] })).toEqual([]);
  expect(
    told({
      namespaces: { a: {} },
      namespaceFacts: { a: { terminating: true } },
      pods: [pod('a/p-1', NEW.revision, { asks })],
    }),
  ).toEqual([]);
  expect(told({ pods: [pod('a/p-1', NEW.revision, { asks: ['istiod'] })] })).toEqual([]);
});

test('a Service that another revision has by now stays', () => {
  const service = (revision: string): OwnedObject => ({
    kind: 'Service',
    namespace: 'istio-system',
    name: SERVICE,
    uid: undefined,
    revision,
    terminating: false,
    content: undefined,
  });
  const pods = [pod('a/p-1', NEW.revision, { asks })];
  expect(told({ pods, owned: [service(OLD.revision)] })).toEqual(['Pod a/p-1']);
  expect(told({ pods, owned: [service(NEW.revision)] })).toEqual([]);
});
