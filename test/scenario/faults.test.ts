import { beforeAll, describe, expect, test } from '@jest/globals';
import type { RunResult } from '../../scripts/run-action.ts';
import { OLD, TARGET, errorsOf, expectAllOn, expectEnding, withCluster } from '../support/cluster.ts';
import type { Snapshot } from '../support/normalise.ts';

const CANARY = { 'canary-namespaces': 'storefront', timeout: '60s' };

/** Each fault ends in its clear outcome, and rollback brings the cluster back to where it was. */
describe('faults on the way', () => {
  const cluster = withCluster('faults', ['--revision', '1-30-3']);
  let before: Snapshot = {};
  beforeAll(async () => {
    before = await cluster.snapshot();
  });

  async function expectWayBack(): Promise<void> {
    expectEnding(await cluster.phase('rollback'), { outcome: 'rolled-back', state: 'rolled-back' });
    expect(await cluster.snapshot()).toEqual(before);
    await expectAllOn(cluster, { revision: '1-30-3', version: OLD });
  }

  /** Sets annotations on a workload's template, null takes one away, and waits until its pods have them. */
  async function annotate(workload: string, annotations: Record<string, string | null>): Promise<void> {
    const patch = JSON.stringify({ spec: { template: { metadata: { annotations } } } });
    await cluster.kubectl('patch', workload, '-n', 'storefront', '-p', patch);
    await cluster.kubectl('rollout', 'status', workload, '-n', 'storefront', '--timeout=60s');
  }

  function messages(run: RunResult): string {
    return errorsOf(run)
      .map(({ object, message }) => `${object ?? ''}: ${message}`)
      .join('\n');
  }

  test('a control plane that never gets ready: no workload is moved, and the reason is told', async () => {
    const run = await cluster.phase('canary', {
      inputs: { ...CANARY, timeout: '45s', set: 'hub=broken.example' },
    });
    expectEnding(run, { outcome: 'failed', state: 'canarying', errors: ['control-plane-not-ready'] });
    expect(messages(run)).toMatch(/ImagePullBackOff|ErrImagePull/);
    expect(run.outputs).toMatchObject({ 'rollback-ready': 'true', 'namespaces-moved': '' });
    await expectAllOn(cluster, { revision: '1-30-3', version: OLD });
    await expectWayBack();
  });

  test('a workload that never gets ready after it has moved', async () => {
    await annotate('deployment/cart', { 'testbed/ready': 'never', 'testbed/only-revision': TARGET });
    const whole = before;
    before = await cluster.snapshot();
    const run = await cluster.phase('canary', { inputs: CANARY });
    expectEnding(run, { outcome: 'failed', state: 'canarying', errors: ['workload-not-ready'] });
    expect(messages(run)).toMatch(/Deployment storefront\/cart: .*did not end in time/);
    expect(run.outputs['rollback-ready']).toBe('true');
    await expectWayBack();
    await annotate('deployment/cart', { 'testbed/ready': null, 'testbed/only-revision': null });
    before = whole;
    expect(await cluster.snapshot()).toEqual(before);
  });

  test('proxies that never get in sync: what the pods show is not enough', async () => {
    await annotate('deployment/cart', { 'testbed/proxy': 'stale', 'testbed/only-revision': TARGET });
    const whole = before;
    before = await cluster.snapshot();
    const run = await cluster.phase('canary', { inputs: CANARY });
    expectEnding(run, { outcome: 'failed', errors: ['proxy-behind'] });
    expect(messages(run)).toMatch(/Pod storefront\/cart-.*not in sync/);
    await expectWayBack();
    await annotate('deployment/cart', { 'testbed/proxy': null, 'testbed/only-revision': null });
    before = whole;
  });

  test('the old control plane dies after the canary: rollback claims nothing, and works once it is back', async () => {
    expectEnding(await cluster.phase('canary', { inputs: { ...CANARY, timeout: '5m' } }), {
      outcome: 'succeeded',
      state: 'canary',
    });
    const scale = (replicas: number) =>
      cluster.kubectl(
        'scale',
        'deployment/istiod-1-30-3',
        '-n',
        'istio-system',
        `--replicas=${String(replicas)}`,
      );
    await scale(0);
    await cluster.kubectl(
      'wait',
      '--for=delete',
      'pod',
      '-l',
      'istio.io/rev=1-30-3,app=istiod',
      '-n',
      'istio-system',
    );
    const refused = await cluster.phase('promote');
    expectEnding(refused, {
      outcome: 'refused',
      state: 'canary',
      errors: ['current-control-plane-not-ready'],
    });
    const run = await cluster.phase('rollback', { inputs: { timeout: '60s' } });
    expect(['failed', 'inconclusive', 'refused']).toContain(run.outputs.outcome);
    expect(run.exitCode).toBe(1);
    expect(errorsOf(run).length).toBeGreaterThan(0);
    // The canary is still there: it is what keeps the moved pods alive.
    expect(Object.keys(await cluster.connected(TARGET)).length).toBeGreaterThan(0);
    await scale(1);
    await cluster.kubectl(
      'rollout',
      'status',
      'deployment/istiod-1-30-3',
      '-n',
      'istio-system',
      '--timeout=60s',
    );
    await expectWayBack();
  });
});
