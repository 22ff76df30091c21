import { describe, expect, test } from '@jest/globals';
import { type GatewaySource, gatewaySources } from '../../../src/istio/gateway-configuration.ts';
import type { RenderedGateways } from '../../../src/istioctl/gateway-manifest.ts';
import { gatewaysOfEach } from '../../../src/istioctl/gateways-of-each.ts';
import type { Unreadable } from '../../../src/istioctl/reading.ts';
import { UnfaithfulSetValue } from '../../../src/istioctl/set-value.ts';

const sources = gatewaySources(
  { config: ['/base.yaml'], gatewayConfig: ['/in.yaml', '/east.yaml'], set: [] },
  { revision: 'r' },
);
const due = (...names: string[]) => names.map((name) => ({ namespace: 'ns', name }));
const gateway = (name: string, image: string) => ({ namespace: 'ns', name, objects: [], images: [image] });

type Made = Readonly<Record<string, readonly string[] | Unreadable | Error>>;

/** @param made the names of the gateways that each file renders, whose image is that file */
async function render(wanted: readonly string[], made: Made) {
  const asked: string[] = [];
  const one = ({ configFiles: [file = ''] }: GatewaySource): Promise<RenderedGateways | Unreadable> => {
    asked.push(file);
    const answer = made[file] ?? [];
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(
      'readable' in answer ? answer : { readable: true, gateways: answer.map((name) => gateway(name, file)) },
    );
  };
  const answer = await gatewaysOfEach({ due: due(...wanted), sources }, one);
  return { asked, answer };
}

describe('gateways from several configurations', () => {
  const ALL = { '/east.yaml': ['east'], '/in.yaml': ['in'], '/base.yaml': ['in', 'out'] };

  test('their union, in which a file of its own outweighs the control plane’s', async () => {
    const { answer } = await render(['in', 'east', 'out'], ALL);
    expect(answer).toEqual({
      readable: true,
      gateways: [gateway('east', '/east.yaml'), gateway('in', '/in.yaml'), gateway('out', '/base.yaml')],
    });
  });

  test('what is not needed is not asked: the old release need not understand it', async () => {
    const cannot = { readable: false, reason: 'unknown field' } as const;
    const { answer, asked } = await render(['in', 'east'], { ...ALL, '/base.yaml': cannot });
    expect(answer.readable).toBe(true);
    expect(asked).toEqual(['/east.yaml', '/in.yaml']);
  });

  test('what can’t be rendered, and is needed, is named', async () => {
    const cannot = { readable: false, reason: 'unknown field' } as const;
    expect((await render(['in'], { ...ALL, '/in.yaml': cannot })).answer).toEqual({
      readable: false,
      reason: 'gateway-config (/in.yaml): unknown field',
    });
  });

  test('a line of set that does not fit a file is said of that file', async () => {
    const misfit = new UnfaithfulSetValue('meshConfig.x[name:a].b', 'there is no element [name:a]');
    expect((await render(['east'], { '/east.yaml': misfit })).answer).toEqual({
      readable: false,
      reason: `gateway-config (/east.yaml): ${misfit.message}`,
    });
    await expect(render(['east'], { '/east.yaml': new Error('other') })).rejects.toThrow('other');
  });
});
