import { describe, expect, test } from '@jest/globals';
import {
  OLD,
  TARGET,
  errorsOf,
  expectAllOn,
  expectEnding,
  expectNoChanges,
  withCluster,
} from '../support/cluster.ts';
import type { Snapshot } from '../support/normalise.ts';

const CANARY = {
  inputs: { 'canary-namespaces': 'catalog\nkubernetes.io/metadata.name in (checkout, legacy)' },
};

describe.each([
  { mesh: 'with a revision', old: '1-30-3', args: ['--revision', '1-30-3'] },
  { mesh: 'without revision', old: 'default', args: [] },
])('the way back, in a mesh $mesh', ({ old, args }) => {
  const cluster = withCluster(`rollback-${old}`, args);
  let before: Snapshot = {};
  let attempt: string | undefined;

  test('rollback without an upgrade has nothing to do', async () => {
    before = await cluster.snapshot();
    expectEnding(await cluster.phase('rollback'), { outcome: 'no-changes' });
    expect(await cluster.snapshot()).toEqual(before);
  });

  test('canary, and rollback: the cluster is as it was', async () => {
    const canary = await cluster.phase('canary', CANARY);
    expectEnding(canary, { outcome: 'succeeded', state: 'canary' });
    attempt = canary.report?.attempt;
    expect(await cluster.snapshot()).not.toEqual(before);
    expect(Object.keys(await cluster.connected(TARGET)).length).toBeGreaterThan(0);
    const run = await cluster.phase('rollback');
    expectEnding(run, { outcome: 'rolled-back', state: 'rolled-back' });
    expect(run.report?.attempt).toBe(attempt);
    expect(await cluster.snapshot()).toEqual(before);
    await expectAllOn(cluster, { revision: old, version: OLD });
  });

  test('rollback again has nothing to do', async () => {
    await expectNoChanges(cluster, 'rollback', 'rolled-back');
    expect(await cluster.snapshot()).toEqual(before);
  });

  test('the next canary is a new attempt; rollback from promoted, too, leaves the cluster as it was', async () => {
    const canary = await cluster.phase('canary', CANARY);
    expectEnding(canary, { outcome: 'succeeded', state: 'canary' });
    expect(canary.report?.attempt).not.toBe(attempt);
    expectEnding(await cluster.phase('promote'), { outcome: 'succeeded', state: 'promoted' });
    expect(await cluster.connected(old)).toEqual({});
    expectEnding(await cluster.phase('rollback'), { outcome: 'rolled-back', state: 'rolled-back' });
    expect(await cluster.snapshot()).toEqual(before);
    await expectAllOn(cluster, { revision: old, version: OLD });
    await expectNoChanges(cluster, 'rollback', 'rolled-back');
  });

  test('what somebody else has put on the canary keeps it from being removed', async () => {
    expectEnding(await cluster.phase('canary', CANARY), { outcome: 'succeeded', state: 'canary' });
    await cluster.kubectl('label', 'namespace', 'outside', `istio.io/rev=${TARGET}`);
    const run = await cluster.phase('rollback', { inputs: { timeout: '60s' } });
    expectEnding(run, { outcome: 'failed', state: 'rolling-back', errors: ['still-in-use'] });
    expect(errorsOf(run).map(({ object }) => object)).toEqual([
      'Namespace outside',
      'Deployment outside/reports',
    ]);
    const istiods = await cluster.kubectl('get', 'deployment', '-n', 'istio-system', '-o', 'name');
    expect(istiods).toContain(`deployment.apps/istiod-${TARGET}`);
    await cluster.kubectl('label', 'namespace', 'outside', 'istio.io/rev-');
    expectEnding(await cluster.phase('rollback'), { outcome: 'rolled-back', state: 'rolled-back' });
    expect(await cluster.snapshot()).toEqual(before);
  });
});
