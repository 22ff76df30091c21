import { expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import type { MeshPod } from '../../../src/istio/mesh.ts';
import { silentLogger } from '../../../src/log.ts';
import type { Context } from '../../../src/steps/context.ts';
import { installRevision } from '../../../src/steps/install-revision.ts';
import type { StepFailed } from '../../../src/steps/step.ts';
import { NEW, OLD, plane, pod, view as viewOf } from '../../support/mesh.ts';

const NOT_READY = { done: false, desired: 1, updated: 1, available: 0, message: 'not available' };

/** What an installation that fails advises, with these pods in the mesh. */
async function advised(pods: readonly MeshPod[]): Promise<string | undefined> {
  const view = viewOf({
    planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version, { rollout: NOT_READY })],
    pods,
  });
  const ended = { ok: false, code: 1, timedOut: false, aborted: false, words: '', denied: [], durationMs: 1 };
  const context = {
    inputs: { istioNamespace: 'istio-system', config: [], set: [] },
    cluster: { get: () => Promise.resolve(undefined), list: () => Readable.from([]) },
    istioctl: { to: { istioctl: { install: () => Promise.resolve(ended) } } },
    upgrade: view.upgrade,
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => 600_000,
    observe: () => Promise.resolve(view.mesh),
  } as unknown as Context;
  const failure = await installRevision([])
    .run(context, view)
    .then(
      () => undefined,
      (error: unknown) => error as StepFailed,
    );
  return failure?.findings.find(({ id }) => id === 'control-plane-not-ready')?.remedy;
}

test('a first installation that fails has moved nobody', async () => {
  expect(await advised([pod('storefront/cart-1', OLD.revision)])).toMatch(/^No workload was moved\. Remove/);
});

test('one over a target that proxies are on says so, and what a rollback would do', async () => {
  const pods = ['cart-1', 'cart-2'].map((name) => pod(`storefront/${name}`, NEW.revision));
  expect(await advised(pods)).toMatch(
    `2 proxies are on revision ${NEW.revision} already, and a rollback moves them back to ${OLD.revision} first.`,
  );
});
