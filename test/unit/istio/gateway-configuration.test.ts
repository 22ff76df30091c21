import { describe, expect, test } from '@jest/globals';
import { gatewaySources, gatewayTexts } from '../../../src/istio/gateway-configuration.ts';

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

  test('which components there are `set` says of config alone', () => {
    const set = [
      'profile=demo',
      'components.ingressGateways[0].name=istio-ingressgateway',
      ' components.pilot.enabled = true',
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
