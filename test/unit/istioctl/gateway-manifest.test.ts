import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { type RenderedGateways, readGateways } from '../../../src/istioctl/gateway-manifest.ts';

/** `istioctl manifest generate --revision 1-31-0` of three gateways and nothing else, 1.31.0. */
const THREE = readFileSync(new URL('../../fixtures/gateways/three-1.31.0.yaml', import.meta.url), 'utf8');

const result = (stdout: string, code = 0) =>
  ({ code, stdout, stderr: code === 0 ? '' : 'Error: no such profile' }) as Parameters<
    typeof readGateways
  >[0];

function gateways(yaml: string): RenderedGateways['gateways'] {
  const read = readGateways(result(yaml));
  if (!read.readable) throw new Error(read.reason);
  return read.gateways;
}

describe('gateways as istioctl renders them', () => {
  test('each with all that is its own: its Service first, its Deployment last', () => {
    expect(
      gateways(THREE).map(({ namespace, name, objects }) => [
        `${namespace}/${name}`,
        objects.map(({ kind }) => kind),
      ]),
    ).toEqual(
      ['edge/extra', 'istio-system/istio-egressgateway', 'istio-system/istio-ingressgateway'].map((name) => [
        name,
        ['Service', 'ServiceAccount', 'Role', 'RoleBinding', 'HorizontalPodAutoscaler', 'Deployment'],
      ]),
    );
  });

  test('an object goes to the gateway of the longest name that it begins with', () => {
    const longer = THREE.replaceAll('istio-egressgateway', 'istio-ingressgateway-inner');
    expect(gateways(longer).map(({ name, objects }) => [name, objects.length])).toEqual([
      ['extra', 6],
      ['istio-ingressgateway-inner', 6],
      ['istio-ingressgateway', 6],
    ]);
  });

  test('a policy goes to the gateway whose name stands before its revision, also where another is called like that', () => {
    const policy = (name: string): string =>
      [
        '---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:',
        `  name: ${name}-1-31-0\n  namespace: istio-system\n  labels:\n    istio.io/rev: 1-31-0\n`,
      ].join('\n');
    const names = ['istio-ingressgateway', 'istio-ingressgateway-1-31-0'];
    const yaml = `${THREE.replaceAll('istio-egressgateway', names[1]!)}${names.map(policy).join('')}`;
    expect(
      gateways(yaml).map(({ name, objects }) => [
        name,
        ...objects.filter(({ kind }) => kind === 'NetworkPolicy').map(({ metadata }) => metadata.name),
      ]),
    ).toEqual([
      ['extra'],
      ['istio-ingressgateway-1-31-0', 'istio-ingressgateway-1-31-0-1-31-0'],
      ['istio-ingressgateway', 'istio-ingressgateway-1-31-0'],
    ]);
  });

  test('a configuration without gateways has none', () => {
    expect(gateways('')).toEqual([]);
  });

  test.each([
    ['an object that is nobody’s', THREE.replace('name: extra-service-account', 'name: somebody')],
    ['a kind that is not known', THREE.replace('kind: HorizontalPodAutoscaler', 'kind: EnvoyFilter')],
    ['an older API', THREE.replace('apiVersion: autoscaling/v2', 'apiVersion: autoscaling/v1')],
    ['no YAML', `${THREE}---\n{`],
    ['no object', `${THREE}---\nkind: Service\n`],
  ])('not readable: %s', (_, yaml) => {
    expect(readGateways(result(yaml))).toMatchObject({ readable: false });
  });

  test('nor what istioctl refuses', () => {
    expect(readGateways(result('', 1))).toEqual({ readable: false, reason: 'Error: no such profile' });
  });
});
