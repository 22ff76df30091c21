import { describe, expect, test } from '@jest/globals';
import { gatewaySources, gatewayTexts, profileBelow } from '../../../src/istio/gateway-configuration.ts';

const GIVEN = { config: ['/base.yaml', '/more.yaml'], gatewayConfig: ['/in.yaml', '/east.yaml'] };
const read = (set: readonly string[], given = GIVEN) =>
  gatewaySources({ ...given, set }, { revision: 'r' }).map(({ inputs, configFiles, set }) => ({
    inputs,
    configFiles,
    set,
  }));

describe('what gateways are rendered from', () => {
  test('each file of their own by itself, the last before all, then the control plane’s, merged', () => {
    expect(read(['hub=mirror'])).toEqual([
      { inputs: 'gateway-config (/east.yaml) with set', configFiles: ['/east.yaml'], set: ['hub=mirror'] },
      { inputs: 'gateway-config (/in.yaml) with set', configFiles: ['/in.yaml'], set: ['hub=mirror'] },
      { inputs: 'config and set', configFiles: ['/base.yaml', '/more.yaml'], set: ['hub=mirror'] },
    ]);
  });

  test('none of their own: as it was', () => {
    expect(read(['a=b'], { ...GIVEN, gatewayConfig: [] })).toEqual([
      { inputs: 'config and set', configFiles: GIVEN.config, set: ['a=b'] },
    ]);
  });

  test('which gateways there are, and how they are, `set` says of config alone', () => {
    const set = [
      'profile=demo',
      'components.ingressGateways[0].name=istio-ingressgateway',
      ' components.pilot.enabled = true',
      // To istioctl it is about every ingress gateway of a rendering, whatever its name (seen of 1.30.3 and 1.31.0).
      'values.gateways.istio-ingressgateway.type=NodePort',
      'values.global.network=n',
    ];
    expect(read(set).map((source) => source.set)).toEqual([
      ['values.global.network=n'],
      ['values.global.network=n'],
      set,
    ]);
    expect(read(['profile=demo'])[0]?.inputs).toBe('gateway-config (/east.yaml)');
  });

  test('all of it counts for the digest; one file with nothing else is as it was', () => {
    const set = ['a=b'];
    expect(gatewayTexts({ ...GIVEN, set })).toEqual({
      configFiles: [...GIVEN.gatewayConfig, ...GIVEN.config],
      set,
    });
    expect(gatewayTexts({ config: [], gatewayConfig: ['/in.yaml'], set: [] })).toEqual({
      configFiles: ['/in.yaml'],
      set: [],
    });
  });
});

describe('what a file of gateways stands on', () => {
  const EMPTY = { profile: 'empty' };
  const VALUES = { gateways: { 'istio-ingressgateway': { type: 'NodePort' } } };
  const named = (name: string) => [{ name, enabled: true }];

  test.each([
    ['egress gateways', { components: { egressGateways: named('out') } }],
    ['ingress gateways of other names', { components: { ingressGateways: named('east') } }],
    // In each file they are about that file's own.
    ['those with values', { components: { ingressGateways: named('east') }, values: VALUES }],
  ])('nothing, where it names its gateways: %s', (_, spec) => {
    expect(profileBelow(spec)).toEqual(EMPTY);
  });

  test.each([
    ['values alone', { values: VALUES }],
    ['a registry alone', { hub: 'mirror' }],
    ['no spec', undefined],
    ['its values beside egress gateways', { components: { egressGateways: named('out') }, values: VALUES }],
    // Before 1.24 istioctl merges it into the profile's, which is enabled.
    ['its name', { components: { ingressGateways: [{ name: 'istio-ingressgateway', k8s: {} }] } }],
  ])('istioctl’s default profile, where it turns to the gateway of that: %s', (_, spec) => {
    expect(profileBelow(spec)).toBeUndefined();
  });
});
