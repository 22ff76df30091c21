import { describe, expect, test } from '@jest/globals';
import type { ConfigMap, GatewayObject, WorkloadObject } from '../../../src/cluster/objects.ts';
import type { View } from '../../../src/decide/upgrade.ts';
import type { ApiGateway } from '../../../src/istio/api-gateway.ts';
import { silentLogger } from '../../../src/log.ts';
import type { Context } from '../../../src/steps/context.ts';
import { labelGateway } from '../../../src/steps/gateway-rollout.ts';
import {
  forgetGateways,
  moveApiGateways,
  pinGatewaysForReturn,
  seeGateways,
} from '../../../src/steps/move-api-gateways.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import type { StepFailed } from '../../../src/steps/step.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod, view, workload } from '../../support/mesh.ts';

const REV = 'istio.io/rev';
const spec = (gateways: Readonly<Record<string, Partial<ApiGateway>>>): MeshSpec => ({
  planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
  tags: { default: NEW.revision },
  workloads: [workload('edge/a-istio'), workload('edge/b-istio')],
  pods: [
    pod('edge/a-istio-1', NEW.revision, { owner: { kind: 'Deployment', name: 'a-istio' } }),
    pod('edge/b-istio-1', NEW.revision, { owner: { kind: 'Deployment', name: 'b-istio' } }),
  ],
  apiGateways: gateways,
});
const RECORD: UpgradeRecord = {
  schemaVersion: 1,
  attempt: 'x',
  from: OLD,
  to: NEW,
  istioctl: {},
  intent: 'promote',
  run: '',
  writtenAt: '2026-11-30T00:00:00.000Z',
};
const recordMap = (record: UpgradeRecord): ConfigMap => ({
  metadata: { name: 'istio-upgrade', namespace: 'istio-system' },
  data: { record: JSON.stringify(record) },
});
const PINNED = { label: OLD.revision, originals: { [REV]: null }, writtenBy: OLD.revision };

/** A cluster whose istiods make of Gateways what a test says. */
function surroundings(
  seen: MeshSpec,
  { obeys = true, synced = ['a', 'b'] }: { obeys?: boolean; synced?: readonly string[] } = {},
): { context: Context; asked: string[]; view: View; rolling: () => UpgradeRecord['rolling'] } {
  const asked: string[] = [];
  const writer = new Map<string, string>();
  let record = RECORD;
  const write = (patch: unknown) => {
    record = JSON.parse((patch as ConfigMap).data?.record ?? '') as UpgradeRecord;
    return Promise.resolve({});
  };
  const now = view(seen);
  const deployment = (name: string): WorkloadObject => ({
    metadata: { name, namespace: 'edge', generation: 1 },
    spec: {
      replicas: 1,
      template: {
        metadata: {
          labels: {
            'gateway.istio.io/managed': 'istio.io-gateway-controller',
            'gateway.networking.k8s.io/gateway-name': name,
          },
          annotations: { [REV]: writer.get(name) ?? OLD.revision },
        },
        spec: { containers: [] },
      },
    },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
  });
  const context = {
    cluster: {
      get: (kind: string, name: string) =>
        Promise.resolve(kind === 'ConfigMap' ? recordMap(record) : deployment(name)),
      listForWatch: () => Promise.resolve({ items: ['a-istio', 'b-istio'].map(deployment), version: '1' }),
      edit: (kind: string, name: string, _: string, decide: (object: GatewayObject) => unknown) => {
        if (kind === 'ConfigMap') return write(decide(recordMap(record) as unknown as GatewayObject));
        const gateway = now.mesh.apiGateways.find((item) => item.name === name);
        const labels = gateway?.label === undefined ? {} : { [REV]: gateway.label };
        const patch = decide({ metadata: { name, labels }, spec: { gatewayClassName: 'istio' } });
        asked.push(`${name} ${JSON.stringify(patch)}`);
        if (obeys) writer.set(`${name}-istio`, NEW.revision);
        return Promise.resolve(undefined);
      },
    },
    istioctl: {
      to: {
        istioctl: {
          proxyStatus: () =>
            Promise.resolve({
              readable: true,
              proxies: synced.map((name) => ({
                namespace: 'edge',
                name: `${name}-istio-1`,
                istiod: 'istiod',
                sync: 'synced',
              })),
            }),
        },
      },
    },
    upgrade: now.upgrade,
    inputs: { istioNamespace: 'istio-system' },
    runUrl: '',
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => 800,
    observe: () => Promise.resolve(mesh(seen)),
  } as unknown as Context;
  return { context, asked, view: now, rolling: () => record.rolling };
}

const failureOf = (run: Promise<unknown>): Promise<StepFailed> =>
  run.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => error as StepFailed,
  );

describe('Gateways move one by one', () => {
  const both = spec({ 'edge/a': PINNED, 'edge/b': PINNED });

  test('each is labelled as it was before, and seen', async () => {
    const { context, asked, view } = surroundings(both);
    await expect(moveApiGateways('to').run(context, view)).resolves.toContain('2 Gateways are on 1-31-0');
    expect(asked.map((text) => text.split(' ')[0])).toEqual(['a', 'b']);
    expect(asked[0]).toContain(`"labels":{"${REV}":null}`);
  });

  test('one that its istiod does not take over stops the next', async () => {
    const { context, asked, view } = surroundings(both, { obeys: false });
    const { findings } = await failureOf(moveApiGateways('to').run(context, view));
    expect(findings).toMatchObject([{ id: 'gateway-not-taken-over', object: 'Gateway edge/a' }]);
    expect(asked).toHaveLength(1);
  });

  test('one whose proxy is not in sync stops the next (H20)', async () => {
    const { context, asked, view } = surroundings(both, { synced: ['b'] });
    const { findings } = await failureOf(moveApiGateways('to').run(context, view));
    expect(findings).toMatchObject([{ id: 'proxy-behind', object: 'Pod edge/a-istio-1' }]);
    expect(asked).toHaveLength(1);
  });

  test('which are labelled and not yet seen is on record, until they are', async () => {
    const fails = surroundings(both, { synced: ['b'] });
    await failureOf(moveApiGateways('to').run(fails.context, fails.view));
    expect(fails.rolling()).toEqual(['Gateway edge/a', 'Gateway edge/b']);
    const ends = surroundings(both);
    await moveApiGateways('to').run(ends.context, ends.view);
    expect(ends.rolling()).toBeUndefined();
  });

  test('one that an earlier run labelled and did not see is seen by the next, whatever its label says', async () => {
    const moved = { claimedBy: [NEW.revision], label: NEW.revision, writtenBy: NEW.revision };
    const { context, asked, view } = surroundings(spec({ 'edge/a': moved, 'edge/b': moved }), {
      synced: ['b'],
    });
    // Its Deployment is as the target's istiod writes it.
    await context.cluster.edit('Gateway', 'a', 'edge', () => undefined);
    asked.length = 0;
    const record = { ...RECORD, rolling: ['Gateway edge/a'] };
    const { findings } = await failureOf(seeGateways('to').run(context, { ...view, record }));
    expect(findings).toMatchObject([{ id: 'proxy-behind', object: 'Pod edge/a-istio-1' }]);
    expect(asked).toEqual([]);
    // That of the other control plane is the other side's to see.
    await expect(seeGateways('from').run(context, { ...view, record })).resolves.toBe('there is none');
    await expect(seeGateways('to').run(context, view)).resolves.toBe('there is none');
  });

  test('the plan says the label, and after the removal also what is forgotten', () => {
    const { view } = surroundings(both);
    expect(moveApiGateways('to').plan?.(view)).toMatchObject([
      { verb: 'label', object: 'Gateway edge/a', field: REV, from: OLD.revision, to: null },
      { verb: 'label', object: 'Gateway edge/b' },
    ]);
    const own = surroundings(spec({ 'edge/a': { label: NEW.revision, originals: { [REV]: OLD.revision } } }));
    const left = { ...own.view, mesh: { ...own.view.mesh, planes: own.view.mesh.planes.slice(1) } };
    expect(forgetGateways.plan?.(left)).toMatchObject([
      { verb: 'annotate', object: 'Gateway edge/a', to: null },
    ]);
  });
});

test('a rollback waits for no pod of a Gateway that it holds: the default goes back at once', async () => {
  const { context, asked, view } = surroundings(spec({ 'edge/a': {} }), { obeys: false });
  await expect(pinGatewaysForReturn.run(context, view)).resolves.toBe('1 Gateway is labelled 1-31-0');
  expect(asked).toHaveLength(1);
});

test('what somebody else labelled meanwhile is left alone', async () => {
  const { context, asked, view } = surroundings(spec({ 'edge/a': { label: 'other' } }));
  const [gateway] = mesh(spec({ 'edge/a': PINNED })).apiGateways;
  await labelGateway(context, { gateway: gateway!, label: null, original: undefined });
  expect(asked).toEqual(['a undefined']);
  expect(view.mesh.apiGateways[0]?.label).toBe('other');
});
