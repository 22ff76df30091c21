import { expect, test } from '@jest/globals';
import { permissionsOfOlder } from '../../../src/phases/older-permissions.ts';
import { describePermission } from '../../../src/steps/permissions.ts';

const words = (from: string, to: string, revision = 'default'): string[] =>
  permissionsOfOlder(
    { from: { revision: 'default', version: from }, to: { revision, version: to } },
    'istio-system',
  ).map(describePermission);

const IN = ' in namespace istio-system';
const OPERATORS = `istiooperators.install.istio.io${IN}`;

test('from 1.24 on the role of canary is enough', () => {
  expect(words('1.24.6', '1.25.5')).toEqual([]);
  expect(words('1.23.6', '1.24.6', '1-24-6')).toEqual([]);
  expect(words('1.23.6', '1.24.6')).toEqual([`get ${OPERATORS}`, `delete ${OPERATORS}`]);
});

test('the IstioOperator is kept until 1.20, the filters until 1.17', () => {
  const kept = ['get', 'create', 'patch'].map((verb) => `${verb} ${OPERATORS}`);
  expect(words('1.18.7', '1.19.10')).toEqual(kept);
  expect(words('1.16.7', '1.17.8')).toEqual([
    ...kept,
    ...['get', 'create', 'patch'].map((verb) => `${verb} envoyfilters.networking.istio.io${IN}`),
  ]);
  expect(words('1.16.7', '1.17.8').join()).not.toContain('update');
});

test('until 1.7 objects are read and written whole, and no pods, locks or tokens', () => {
  const old = words('1.6.14', '1.7.8');
  expect(old).toContain(`update deployments.apps${IN}`);
  expect(old).toContain('get clusterroles.rbac.authorization.k8s.io');
  expect(old.filter((item) => /pods|leases|token/.test(item))).toEqual([]);
  expect(old).toEqual([...new Set(old)]);
});

test('the default tag is deleted on the way over 1.12, in place alone', () => {
  const deleted = 'delete mutatingwebhookconfigurations.admissionregistration.k8s.io';
  expect(words('1.11.8', '1.12.9')).toContain(deleted);
  expect(words('1.11.8', '1.12.9', '1-12-9')).not.toContain(deleted);
  expect(words('1.12.9', '1.13.9')).not.toContain(deleted);
});
