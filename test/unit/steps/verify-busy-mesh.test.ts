import { describe, expect, test } from '@jest/globals';
import { silentLogger } from '../../../src/log.ts';
import type { MeshPod, Workload } from '../../../src/istio/mesh.ts';
import type { Sync } from '../../../src/istioctl/proxy-status.ts';
import type { Context } from '../../../src/steps/context.ts';
import { recordPromoted } from '../../../src/steps/record-promoted.ts';
import { verifyProxies } from '../../../src/steps/verify-proxies.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod, view, workload } from '../../support/mesh.ts';
import { emptyReport } from '../report/reports.ts';

/** A workload as one look sees it: its rollout, and its pods with what istiod says of them. */
interface Seen {
  readonly workload: Workload;
  readonly pods: readonly (readonly [pod: MeshPod, sync: Sync | undefined])[];
}

const ROLLING = { done: false, desired: 2, updated: 1, available: 2, message: '1 of 2 replicas are new' };

function of(name: string, number: number, changes: Partial<MeshPod> = {}): MeshPod {
  return pod(`a/${name}-${String(number)}`, NEW.revision, { uid: `${name}-${String(number)}`, ...changes });
}

const well = (name: string, number = 1): Seen => ({
  workload: workload(`a/${name}`, { injectedBy: [NEW.revision] }),
  pods: [[of(name, number), 'synced']],
});

/** It rolls out: an old pod serves, a new one comes up. */
const rolling = (name: string, changes: Partial<MeshPod> = {}, rollout: object = {}): Seen => ({
  workload: workload(`a/${name}`, { injectedBy: [NEW.revision], rollout: { ...ROLLING, ...rollout } }),
  pods: [
    [of(name, 1), 'synced'],
    [of(name, 2, { ready: false, ...changes }), undefined],
  ],
});

function specOf(seen: readonly Seen[]): MeshSpec {
  return {
    planes: [plane(NEW.revision, NEW.version)],
    namespaces: { a: { 'istio.io/rev': NEW.revision } },
    workloads: seen.map(({ workload: item }) => item),
    pods: seen.flatMap(({ pods }) => pods.map(([item]) => item)),
  };
}

/** Plays one look after the other; the last one stays. */
async function looks(...play: readonly (readonly Seen[])[]) {
  const left = [...play];
  let now: readonly Seen[] = [];
  const report = emptyReport({});
  const proxyStatus = () => {
    now = left.shift() ?? now;
    const proxies = now.flatMap(({ pods }) =>
      pods.flatMap(([{ namespace, name }, sync]) =>
        sync === undefined
          ? []
          : [{ namespace, name, version: NEW.version, istiod: 'i', sync, detail: `Cluster ${sync}` }],
      ),
    );
    return Promise.resolve({ readable: true, proxies, istiods: ['i'] });
  };
  const decided = view(specOf(play[0] ?? []));
  const startedAt = Date.now();
  const context = {
    cluster: { get: () => Promise.resolve({}) },
    istioctl: { to: { istioctl: { proxyStatus } }, from: { istioctl: { proxyStatus } } },
    upgrade: decided.upgrade,
    report,
    log: silentLogger,
    signal: AbortSignal.timeout(6_000),
    remainingMs: () => Math.max(1_200 - (Date.now() - startedAt), 0),
    observe: () => Promise.resolve(mesh(specOf(now))),
  } as unknown as Context;
  const step = verifyProxies(() => ({ side: 'to', mayBeNone: false, asksOther: false }));
  const said: unknown = await step.run(context, decided).catch((error: unknown) => error);
  const findings = report.findings.map(({ id, severity, object }) => `${severity} ${id} ${object ?? ''}`);
  return { said, findings, looks: play.length - left.length };
}

function failedBy(said: unknown): string[] {
  const { findings = [] } = said as { findings?: { id: string; object?: string }[] };
  return findings.map(({ id, object }) => `${id} ${object ?? ''}`);
}

describe('a mesh in which always somebody rolls something out', () => {
  test('is proved once each workload was seen well, though never all at one time', async () => {
    const { said, findings } = await looks(
      [rolling('web'), well('api'), well('db')],
      [well('web', 2), rolling('api'), well('db')],
      [well('web', 2), well('api', 2), rolling('db')],
    );
    expect(said).toBe('3 proxies are on 1-31-0 1.31.0, connected and in sync');
    expect(findings).toEqual(['warning workload-changing Deployment a/api']);
  });

  test('a pod that is ready, and was born after istiod was asked, is one of a scale-up', async () => {
    const scaled: Seen = { ...well('api'), pods: [...well('api').pods, [of('api', 2), undefined]] };
    const { said, findings } = await looks([rolling('web'), well('api')], [well('web', 2), scaled]);
    expect(said).toBe('2 proxies are on 1-31-0 1.31.0, connected and in sync');
    expect(findings).toEqual(['warning workload-changing Deployment a/api']);
  });

  test('a rollout that has taken the old pod and made no new one yet is one', async () => {
    const between: Seen = {
      workload: rolling('api').workload,
      pods: [[of('api', 1, { terminating: true, ready: false }), undefined]],
    };
    const { said } = await looks([rolling('web'), well('api')], [well('web', 2), between]);
    expect(said).toBe('1 proxies are on 1-31-0 1.31.0, connected and in sync');
  });

  test('a proxy that was in sync, and acknowledges the next push, is in sync', async () => {
    const stale: Seen = { ...well('api'), pods: [[of('api', 1), 'stale']] };
    const { said, findings } = await looks([rolling('web'), well('api')], [well('web', 2), stale]);
    expect(said).toBe('1 proxies are on 1-31-0 1.31.0, connected and in sync');
    expect(findings).toEqual(['warning workload-changing Deployment a/api']);
  });

  test('and promote records that the mesh is promoted while one rolls on the target', () => {
    const spec: MeshSpec = {
      ...specOf([well('web'), rolling('api')]),
      planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
      tags: { default: NEW.revision },
      defaultValidator: NEW.revision,
    };
    const record = { attempt: 'x', intent: 'promote', from: OLD, to: NEW } as never;
    expect(recordPromoted.plan?.(view(spec, { record }))).toHaveLength(1);
  });
});

describe('what stays an error, also of a workload that was seen well', () => {
  const first = [rolling('web'), well('api')];
  test.each<[string, Seen, string[]]>([
    [
      'a new pod on the other side',
      rolling('api', { revision: OLD.revision, version: OLD.version }),
      ['proxy-behind Pod a/api-2', 'workload-not-ready Deployment a/api'],
    ],
    [
      'a new pod without a sidecar',
      rolling('api', { revision: undefined, version: undefined }),
      ['pod-without-sidecar Pod a/api-2', 'workload-not-ready Deployment a/api'],
    ],
    [
      'a new pod of another version',
      rolling('api', { version: OLD.version }),
      ['proxy-behind Pod a/api-2', 'workload-not-ready Deployment a/api'],
    ],
    [
      'a new pod that crashes',
      rolling('api', { failing: true }),
      ['pod-not-ready Pod a/api-2', 'workload-not-ready Deployment a/api'],
    ],
    [
      'a rollout past its deadline',
      rolling('api', {}, { stuck: 'ProgressDeadlineExceeded' }),
      ['pod-not-ready Pod a/api-2', 'workload-not-ready Deployment a/api'],
    ],
    [
      'a pod that was well, and is not ready any more',
      { workload: rolling('api').workload, pods: [[of('api', 1, { ready: false }), 'synced']] },
      ['pod-not-ready Pod a/api-1', 'workload-not-ready Deployment a/api'],
    ],
    [
      'a pod that was well, and is not connected any more',
      { ...well('api'), pods: [[of('api', 1), undefined]] },
      ['proxy-behind Pod a/api-1'],
    ],
    [
      'a proxy that rejects something',
      { ...well('api'), pods: [[of('api', 1), 'error']] },
      ['proxy-behind Pod a/api-1'],
    ],
    [
      'pods that are refused: there is none that comes or goes',
      { workload: rolling('api').workload, pods: [[of('api', 1), 'synced']] },
      ['workload-not-ready Deployment a/api'],
    ],
  ])('%s', async (_, api, wrong) => {
    const { said } = await looks(first, [well('web', 2), api]);
    expect(failedBy(said)).toEqual(wrong);
  });

  test('what was never seen well in this step', async () => {
    const { said } = await looks([well('web'), rolling('api')]);
    expect(failedBy(said)).toEqual(['pod-not-ready Pod a/api-2', 'workload-not-ready Deployment a/api']);
  });

  test('a workload that is made while it is looked, as long as it was not seen well', async () => {
    const made = rolling('made');
    const { said } = await looks([rolling('web'), well('api')], [well('web', 2), well('api'), made]);
    expect(failedBy(said)).toContain('workload-not-ready Deployment a/made');
  });

  test('one without a pod to see it by was not seen well', async () => {
    const none: Seen = {
      workload: workload('a/api', {
        injectedBy: [NEW.revision],
        rollout: { done: true, desired: 0, updated: 0, available: 0, message: '' },
      }),
      pods: [],
    };
    const { said } = await looks([rolling('web'), none], [well('web', 2), rolling('api')]);
    expect(failedBy(said)).toContain('workload-not-ready Deployment a/api');
  });
});
