import { describe, expect, jest, test } from '@jest/globals';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Embedded, startEmbedded } from '../../embedded/start.ts';
import { type RunResult, runAction } from '../../scripts/run-action.ts';
import { shop } from '../../testbed/shop.ts';
import { apiOf } from './api.ts';
import { seeFacts } from './facts.ts';
import { Objects } from './objects.ts';

/**
 * The core of both ways, from each supported minor release to the next, on the embedded cluster: its istioctl accepts
 * the flags of its version and no others, and answers in the form of its version. docs/istioctl-versions.md names them.
 */
const HOPS = [
  ['1.13.9', '1.14.6'],
  ['1.19.10', '1.20.8'],
  ['1.24.6', '1.25.5'],
  ['1.25.5', '1.26.8'],
  ['1.26.8', '1.27.9'],
  ['1.27.9', '1.28.10'],
  ['1.28.10', '1.29.6'],
  ['1.29.6', '1.30.3'],
  ['1.30.3', '1.31.0'],
  ['1.31.0', '1.32.0'],
  // Two at once: what the old istioctl calls by one name, the new one calls by another.
  ['1.26.8', '1.28.10'],
] as const;

const CANARY = { 'canary-namespaces': 'storefront, checkout' };

jest.setTimeout(600_000);

/** Runs phases, each of which must end as it is to. */
function runner(cluster: Embedded, to: string) {
  const run = (phase: string, more: Readonly<Record<string, string>>): Promise<RunResult> =>
    runAction({
      ...(process.env.ACTION_DIST === undefined ? {} : { dist: process.env.ACTION_DIST }),
      inputs: {
        phase,
        version: phase === 'rollback' ? '' : to,
        kubeconfig: cluster.kubeconfig('admin'),
        'istioctl-base-url': cluster.mirror,
        timeout: '5m',
        ...more,
      },
      env: {
        RUNNER_TOOL_CACHE: cluster.toolCache,
        NODE_COMPILE_CACHE: join(tmpdir(), `istio-upgrade-compiled-${String(userInfo().uid)}`),
        KUBECONFIG: '/nowhere/kubeconfig',
      },
    });
  return async (
    phase: string,
    outcome: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<void> => {
    const { outputs, stdout, stderr } = await run(phase, more);
    const said = outputs.outcome === outcome ? '' : `${stdout}\n${stderr}`;
    expect([phase, outputs.outcome, said]).toEqual([phase, outcome, '']);
  };
}

const some: unknown = expect.any(Number);
const everywhere = (release: string): Record<string, unknown> =>
  Object.fromEntries(
    ['catalog', 'checkout', 'legacy', 'storefront'].map((name) => [name, { [release]: some }]),
  );

describe('from version to version', () => {
  for (const [from, to] of HOPS) {
    const target = to.replaceAll('.', '-');
    const [old, new_] = [`default@${from}`, `${target}@${to}`];
    test.concurrent(
      `hop-${from}-${to}: canary and rollback, then canary, promote and the removal`,
      async () => {
        const cluster = await startEmbedded({
          revision: 'default',
          versions: [from, to],
          objects: shop('default'),
        });
        const { api, close } = apiOf(cluster.kubeconfig('admin'));
        const facts = (): ReturnType<typeof seeFacts> => seeFacts(new Objects(api));
        const ends = runner(cluster, to);
        try {
          const before = await facts();
          expect(before.dataPlane).toEqual(everywhere(old));
          await ends('precheck', 'succeeded', CANARY);
          await ends('canary', 'succeeded', CANARY);
          const halfway = { storefront: { [new_]: some }, catalog: { [old]: some } };
          expect((await facts()).dataPlane).toMatchObject(halfway);
          await ends('rollback', 'rolled-back');
          expect(await facts()).toEqual(before);

          await ends('canary', 'succeeded', CANARY);
          await ends('promote', 'succeeded');
          await ends('promote', 'succeeded', { 'remove-old': 'true', 'remove-old-after': '0s' });
          expect(await facts()).toMatchObject({
            dataPlane: everywhere(new_),
            default: { injector: target, validator: target },
            controlPlanes: { [target]: to },
          });
        } finally {
          close();
          await cluster.close();
        }
      },
    );
  }
});
