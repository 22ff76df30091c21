import { expect, test } from '@jest/globals';
import { fieldsLost, objectsNotTakenBack } from '../../../src/istio/left-by-downgrade.ts';

const crd = 'virtualservices.networking.istio.io';
const uses = (...names: string[]) => ({
  crd,
  resource: crd,
  uses: names.map((name) => ({ object: `VirtualService a/${name}`, fields: ['spec.http[].mirror'] })),
});

test('fields in use that the older release does not know stop it, by object and field, unless acknowledged', () => {
  expect(fieldsLost([uses()], [])).toEqual([]);
  const [found] = fieldsLost([uses('one', 'two')], []);
  expect(found).toMatchObject({
    id: 'downgrade-loses-fields',
    severity: 'error',
    object: `CustomResourceDefinition ${crd}`,
    message: expect.stringContaining(
      'spec.http[].mirror, which VirtualService a/one, VirtualService a/two have',
    ),
  });
  const key = `CustomResourceDefinition/${crd}`;
  expect(found?.remedy).toContain(`acknowledge: ${key}`);
  expect(fieldsLost([uses('one')], [key])[0]?.severity).toBe('warning');
  const many = Array.from({ length: 8 }, (_, index) => `n${String(index)}`);
  expect(fieldsLost([uses(...many)], [])[0]?.message).toContain('a/n4 and 3 more');
});

test('what this credential can not see is told', () => {
  const [found] = fieldsLost([{ crd, resource: crd, uses: undefined }], []);
  expect([found?.severity, found?.message]).toEqual(['warning', expect.stringContaining('can not see')]);
});

const named = (kind: string, name: string) => ({ kind, namespace: 'istio-system', name });
const owned = (name: string, terminating = false) => ({
  kind: 'PodDisruptionBudget' as const,
  namespace: 'istio-system',
  name,
  uid: 'u',
  revision: 'default',
  terminating,
  content: undefined,
});

test('what stays is what is there, what the newer release renders and the older does not', () => {
  const newer = [named('PodDisruptionBudget', 'istiod'), named('PodDisruptionBudget', 'kept')];
  const older = [named('PodDisruptionBudget', 'kept')];
  const told = (...objects: ReturnType<typeof owned>[]) => objectsNotTakenBack(objects, newer, older);
  expect(told(owned('istiod'), owned('kept'), owned('of-somebody'))).toMatchObject([
    {
      id: 'objects-not-taken-back',
      severity: 'info',
      message: expect.stringMatching(/: PodDisruptionBudget istio-system\/istiod will stay$/),
    },
  ]);
  expect(told(owned('kept'), owned('istiod', true))).toEqual([]);
});
