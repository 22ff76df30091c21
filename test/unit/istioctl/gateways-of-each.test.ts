import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type GatewaySource, gatewaySources } from '../../../src/istio/gateway-configuration.ts';
import type { RenderedGateways } from '../../../src/istioctl/gateway-manifest.ts';
import { parseVersion } from '../../../src/istio/version.ts';
import { gatewaysOfEach } from '../../../src/istioctl/gateways-of-each.ts';
import { createIstioctl } from '../../../src/istioctl/istioctl.ts';
import type { Unreadable } from '../../../src/istioctl/reading.ts';
import { UnfaithfulSetValue } from '../../../src/istioctl/set-value.ts';
import { scratch } from '../../support/scratch.ts';

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

describe('as istioctl 1.31.0 renders files that name no profile', () => {
  const at = (name: string) => new URL(`../../fixtures/gateways/${name}.yaml`, import.meta.url);
  const CONFIG = at('cluster1').pathname;

  /** An istioctl that answers as the real one did, by the file that it is given and the profile that the files choose. */
  const istioctl = createIstioctl({
    path: '/bin/istioctl',
    version: parseVersion('1.31.0'),
    runner: {
      run: ({ args }) => {
        const files = args.flatMap((arg, index) => (args[index - 1] === '-f' ? [arg] : []));
        const profiles = files.map((file) => {
          const { spec } = parse(readFileSync(file, 'utf8')) as { spec?: { profile?: string } };
          return spec?.profile;
        });
        const profile = profiles.findLast((one) => one !== undefined) ?? 'default';
        const [own = 'config'] = files
          .map((file) => basename(file, '.yaml'))
          .filter((name) => OWN.includes(name));
        // With `config` alone it is the gateway of the default profile, without a setting.
        const stdout =
          own === 'config' ? INGRESS : readFileSync(at(`rendered-1.31.0/${own}-${profile}`), 'utf8');
        return Promise.resolve({ ...ENDED, stdout });
      },
    },
    kubeconfigPath: '/k',
    context: '',
    istioNamespace: 'istio-system',
    env: {},
    tempDir: scratch('own-gateways'),
    secrets: [],
  });
  const OWN = ['egress', 'ingress-values'];
  const INTERNAL = 'service.beta.kubernetes.io/aws-load-balancer-internal';
  const INGRESS = readFileSync(at('rendered-1.31.0/ingress-values-default'), 'utf8').replace(
    INTERNAL,
    'config',
  );
  const ENDED = {
    ...{
      code: 0,
      signal: null,
      stderr: '',
      timedOut: false,
      aborted: false,
      truncated: false,
      durationMs: 7,
    },
  };

  /** By whose annotation the ingress gateway's Service is told apart. */
  async function ingressOf(gatewayConfig: readonly string[]): Promise<string[]> {
    const sources = gatewaySources(
      { config: [CONFIG], gatewayConfig: gatewayConfig.map((name) => at(name).pathname), set: [] },
      { revision: '1-31-0' },
    );
    const due = ['istio-egressgateway', 'istio-ingressgateway'].map((name) => ({
      namespace: 'istio-system',
      name,
    }));
    const answer = await istioctl.renderGateways({ due, sources }, { timeoutMs: 1_000 });
    if (!answer.readable) throw new Error(answer.reason);
    return answer.gateways.map(({ name, objects: [service] }) =>
      [name, ...Object.keys(service?.metadata.annotations ?? {})].join(' '),
    );
  }

  test('one with an egress gateway leaves the ingress gateway to `config`', async () => {
    expect(await ingressOf(['egress'])).toEqual(['istio-egressgateway', 'istio-ingressgateway config']);
  });

  test('one with values of the ingress gateway alone is about that of the default profile', async () => {
    expect(await ingressOf(['ingress-values'])).toEqual([`istio-ingressgateway ${INTERNAL}`]);
    expect(await ingressOf(['ingress-values', 'egress'])).toEqual([
      'istio-egressgateway',
      `istio-ingressgateway ${INTERNAL}`,
    ]);
  });
});
