import { describe, expect, test } from '@jest/globals';
import { discoveryNamespace, istiodsAsked, podInjectedBy } from '../../../src/istio/pod-injection.ts';
import { OLD, mesh, plane } from '../../support/mesh.ts';

const frame = mesh({
  planes: [plane(OLD.revision, OLD.version)],
  namespaces: { a: { 'istio.io/rev': OLD.revision }, bare: {} },
});
const CSR = 'cert-manager-istio-csr.cert-manager.svc:443';
const INJECT = 'sidecar.istio.io/inject';

function born(pod: {
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}) {
  return podInjectedBy(frame, { namespace: 'a', ...pod });
}

describe('M27: what a pod itself says', () => {
  test.each(['false', 'n', 'no', 'off', 'False', 'NO', 'Off'])('the annotation %s: no sidecar', (word) => {
    expect(born({ annotations: { [INJECT]: word } })).toEqual([]);
  });

  test.each(['true', 'yes', 'on', 'y', '', '0'])('the annotation %j does not refuse', (word) => {
    expect(born({ annotations: { [INJECT]: word } })).toEqual([OLD.revision]);
  });

  test('the label beats the annotation, either way', () => {
    expect(born({ labels: { [INJECT]: 'true' }, annotations: { [INJECT]: 'false' } })).toEqual([
      OLD.revision,
    ]);
    expect(born({ labels: { [INJECT]: 'false' }, annotations: { [INJECT]: 'true' } })).toEqual([]);
  });

  test('its namespace has to choose, or its own label, and to be there', () => {
    expect(born({ namespace: 'bare' })).toEqual([]);
    expect(born({ namespace: 'bare', labels: { 'istio.io/rev': OLD.revision } })).toEqual([OLD.revision]);
    expect(born({ namespace: 'unknown', labels: { 'istio.io/rev': OLD.revision } })).toEqual([]);
  });
});

describe('M03: the namespace of the istiod that a proxy asks', () => {
  const name = 'istio-proxy';
  const config = (value: unknown) => [{ name: 'PROXY_CONFIG', value: JSON.stringify(value) }];

  test.each([
    [
      'an argument',
      { args: ['proxy', 'sidecar', '--discoveryAddress', 'istiod-blue.istio-blue.svc:15012'] },
      'istio-blue',
    ],
    ['PROXY_CONFIG', { env: config({ discoveryAddress: 'istiod.istio-system.svc:15012' }) }, 'istio-system'],
    ['CA_ADDR', { env: [{ name: 'CA_ADDR', value: 'istiod.istio-blue.svc:15012' }] }, 'istio-blue'],
    [
      'the whole name of the Service',
      { env: [{ name: 'CA_ADDR', value: 'istiod.istio-blue.svc.cluster.local:15012' }] },
      'istio-blue',
    ],
    [
      'the argument before the environment',
      {
        args: ['--discoveryAddress', 'istiod.first.svc:15012'],
        env: [{ name: 'CA_ADDR', value: 'istiod.second.svc:15012' }],
      },
      'first',
    ],
    [
      'a host outside of the cluster',
      { env: [{ name: 'CA_ADDR', value: 'istiod.example.com:15012' }] },
      undefined,
    ],
    // Istio's own address is left out of what an injector writes (pkg/kube/inject `cleanProxyConfig`).
    ['PROXY_CONFIG that says nothing', { env: config({}) }, 'istio-system'],
    [
      'PROXY_CONFIG that says nothing, whoever signs certificates',
      { env: [{ name: 'CA_ADDR', value: CSR }, ...config({ meshId: 'shop' })] },
      'istio-system',
    ],
    [
      'who signs certificates, where that is no istiod',
      { env: [{ name: 'CA_ADDR', value: CSR }] },
      undefined,
    ],
    ['a CA of a cloud', { env: [{ name: 'CA_ADDR', value: 'meshca.googleapis.com:443' }] }, undefined],
    ['a CA by its address', { env: [{ name: 'CA_ADDR', value: '10.0.0.7:443' }] }, undefined],
    [
      'text that is no JSON beside the CA of an istiod',
      {
        env: [
          { name: 'PROXY_CONFIG', value: '{' },
          { name: 'CA_ADDR', value: 'istiod-blue.istio-blue.svc:15012' },
        ],
      },
      'istio-blue',
    ],
    ['text that is no JSON', { env: [{ name: 'PROXY_CONFIG', value: '{' }] }, undefined],
    ['an address that is no text', { env: config({ discoveryAddress: 5 }) }, undefined],
    ['nothing', {}, undefined],
  ])('by %s', (_, container, expected) => {
    expect(discoveryNamespace({ name, ...container })).toBe(expected);
  });
});

describe('the istiods of the mesh that a proxy asks, for its certificates too', () => {
  const asked = (
    env: readonly (readonly [string, string])[],
    namespace = 'pay',
    args: readonly string[] = [],
  ): string[] =>
    istiodsAsked(
      { name: 'istio-proxy', args, env: env.map(([name, value]) => ({ name, value })) },
      namespace,
      'istio-system',
    );
  const discovery = JSON.stringify({ discoveryAddress: 'istiod-1-31-0.istio-system.svc:15012' });

  test.each([
    'istiod.istio-system',
    'istiod.istio-system:15012',
    'istiod.istio-system.svc:15012',
    'istiod.istio-system.svc.cluster.local:15012',
    'istiod.istio-system.svc.corp.example',
  ])('by CA_ADDR %s', (address) => {
    expect(asked([['CA_ADDR', address]])).toEqual(['istiod']);
    expect(
      asked([
        ['PROXY_CONFIG', discovery],
        ['CA_ADDR', address],
      ]),
    ).toEqual(['istiod-1-31-0', 'istiod']);
  });

  test('a short name is of the namespace of its pod', () => {
    expect(asked([['CA_ADDR', 'istiod:15012']])).toEqual([]);
    expect(asked([['CA_ADDR', 'istiod:15012']], 'istio-system')).toEqual(['istiod']);
  });

  test('of two variables with one name the last counts, as for Kubernetes', () => {
    const own = ['CA_ADDR', 'istiod-1-31-0.istio-system.svc:15012'] as const;
    const other = ['CA_ADDR', 'istiod.istio-system.svc:15012'] as const;
    expect(asked([own, other])).toEqual(['istiod']);
    expect(asked([other, own])).toEqual(['istiod-1-31-0']);
  });

  test('also by an argument; who is no istiod of the mesh is nobody', () => {
    expect(asked([], 'pay', ['--discoveryAddress', 'istiod.istio-system.svc:15012'])).toEqual(['istiod']);
    for (const address of [
      CSR,
      'meshca.googleapis.com:443',
      '10.0.0.7:443',
      'istiod.istio-blue.svc:15012',
      '',
    ])
      expect(asked([['CA_ADDR', address]])).toEqual([]);
    expect(asked([['CA_ADDR', 'cert-manager-istio-csr.istio-system.svc:443']])).toEqual([]);
    expect(asked([])).toEqual([]);
  });
});
