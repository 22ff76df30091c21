import { expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { silentLogger } from '../../../src/log.ts';
import type { Context } from '../../../src/steps/context.ts';
import { StepFailed } from '../../../src/steps/step.ts';
import { proveUnused } from '../../../src/steps/prove-unused.ts';
import { type MeshSpec, NEW, OLD, plane, pod, view as viewOf } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];

/** Who is connected, of whom no object tells. */
const ASKED = {
  readable: true,
  proxies: [{ namespace: 'a', name: 'vm', version: NEW.version, istiod: 'istiod-1', sync: 'synced' }],
};

/** Looks at one mesh after the other, and then at the last one again and again. */
async function proof(...specs: readonly MeshSpec[]): Promise<{ looks: number; failure: StepFailed }> {
  const views = specs.map((spec) => viewOf(spec));
  let looks = 0;
  const context = {
    inputs: { istioNamespace: 'istio-system' },
    cluster: { list: () => Readable.from([]) },
    upgrade: views[0]!.upgrade,
    istioctl: { to: { istioctl: { proxyStatus: () => Promise.resolve(ASKED) } } },
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => (looks > 4 ? 0 : 600_000),
    observe: () => Promise.resolve(views[Math.min(looks++, views.length - 1)]!.mesh),
  } as unknown as Context;
  const failure = await proveUnused({ release: () => NEW, side: 'to' })
    .run(context, views[0]!)
    .then(
      () => Promise.reject(new Error('it is proved')),
      (error: unknown) => error as StepFailed,
    );
  return { looks, failure };
}

test('a label that chooses the revision does not go by waiting: seen twice, it is told', async () => {
  const { looks, failure } = await proof({ planes, namespaces: { a: { 'istio.io/rev': NEW.revision } } });
  expect(failure).toBeInstanceOf(StepFailed);
  expect(failure.findings).toMatchObject([{ id: 'still-in-use', object: 'Namespace a' }]);
  expect(looks).toBe(2);
});

test('an istiod whose rollout is stuck serves with its pods of before: who is connected is asked', async () => {
  const rollout = { done: false, desired: 1, updated: 0, available: 1, message: '0 of 1 replicas are new' };
  const stuck = plane(NEW.revision, NEW.version, { rollout });
  const connected = { planes: [plane(OLD.revision, OLD.version), stuck] };
  const chosen = { planes, namespaces: { a: { 'istio.io/rev': NEW.revision } } };
  expect((await proof(connected, chosen)).looks).toBe(2);
});

test('a pod that is just going is waited for', async () => {
  const going = { planes, pods: [pod('a/p', NEW.revision, { terminating: true })] };
  const chosen = { planes, namespaces: { a: { 'istio.io/rev': NEW.revision } } };
  expect((await proof(going, going, chosen)).looks).toBe(3);
});

test('a pod that was given leave to stay is told, and not waited for (story 113001:1084)', async () => {
  const stays = pod('a/p', NEW.revision, { accepted: true });
  const { looks, failure } = await proof({ planes, pods: [stays] });
  expect(looks).toBe(2);
  expect(failure.findings).toMatchObject([
    { id: 'still-in-use', object: 'Pod a/p', remedy: expect.stringMatching(/Delete it/) as unknown },
  ]);
  // One that restarts may yet go.
  const restarts = { planes, pods: [pod('a/p', NEW.revision)] };
  const chosen = { planes, namespaces: { a: { 'istio.io/rev': NEW.revision } } };
  expect((await proof(restarts, restarts, chosen)).looks).toBe(3);
});

test('a pod that the revision signs for does not go by waiting: seen twice, it is told', async () => {
  const signed = pod('a/p', OLD.revision, { asks: [`istiod-${NEW.revision}`] });
  const { looks, failure } = await proof({ planes, pods: [signed] });
  expect(looks).toBe(2);
  expect(failure.findings).toMatchObject([{ id: 'still-in-use', object: 'Pod a/p' }]);
});

test('a namespace that hangs while it is being deleted stops nothing; its pods are waited for, and told by name (M41)', async () => {
  const leaving = {
    planes,
    namespaces: { a: { 'istio.io/rev': NEW.revision } },
    namespaceFacts: { a: { terminating: true } },
    // Given leave to stay, it ends all the same.
    pods: [pod('a/p', NEW.revision, { accepted: true })],
  };
  const { looks, failure } = await proof(leaving, leaving, {
    ...leaving,
    tags: { prod: NEW.revision },
  });
  expect(looks).toBe(3);
  expect(failure.findings.map(({ object }) => object)).toEqual([
    'MutatingWebhookConfiguration istio-revision-tag-prod',
    'Pod a/p',
  ]);
});
