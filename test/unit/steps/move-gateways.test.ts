import { describe, expect, test } from '@jest/globals';
import type { Applied, Cluster } from '../../../src/cluster/cluster.ts';
import type { Istioctl } from '../../../src/istioctl/istioctl.ts';
import type { RenderedGateways } from '../../../src/istioctl/gateway-manifest.ts';
import type { Unreadable } from '../../../src/istioctl/reading.ts';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import { silentLogger } from '../../../src/log.ts';
import type { Context } from '../../../src/steps/context.ts';
import { moveGateways } from '../../../src/steps/move-gateways.ts';
import type { StepFailed } from '../../../src/steps/step.ts';
import { type MeshSpec, NEW, OLD, installedGateway, view } from '../../support/mesh.ts';

const object = (
  kind: 'Service' | 'Deployment',
  name: string,
): Applied & { kind: 'Service' | 'Deployment' } => ({
  apiVersion: kind === 'Service' ? 'v1' : 'apps/v1',
  kind,
  metadata: { name, namespace: 'istio-system', labels: { 'istio.io/rev': NEW.revision } },
});

const RENDERED: RenderedGateways = {
  readable: true,
  gateways: ['in', 'out'].map((name) => ({
    namespace: 'istio-system',
    name,
    objects: [object('Service', name), object('Deployment', name)],
    content: 'c',
    images: [],
  })),
};

const SPEC: MeshSpec = {
  planes: [],
  installedGateways: [
    installedGateway('istio-system/in', OLD.revision),
    installedGateway('istio-system/out', OLD.revision, { serviceRevision: NEW.revision }),
    installedGateway('istio-system/kept', OLD.revision, { accepted: true }),
    installedGateway('istio-system/other', 'another'),
  ],
};

/** Broken before, so that no rollout is waited for: that is shown by scenarios. */
function surroundings(rendered: RenderedGateways | Unreadable, inputs: object = {}) {
  const applied: string[] = [];
  const asked: unknown[] = [];
  const cluster: Partial<Cluster> = {
    apply: (kind, { metadata }, manager) => {
      applied.push(`${kind} ${metadata.name} by ${manager} ${JSON.stringify(metadata.labels)}`);
      return Promise.resolve();
    },
  };
  const istioctl: Partial<Istioctl> = {
    renderGateways: (what) => {
      asked.push(what);
      return Promise.resolve(rendered);
    },
  };
  const proved = { istioctl: istioctl as Istioctl, proof: { source: 'x', sha256: 'y' } };
  const start = view(SPEC);
  const context = {
    inputs: { config: ['/mesh.yaml'], gatewayConfig: [], set: ['a=b'], ...inputs },
    cluster: cluster as Cluster,
    istioctl: { to: proved, from: proved },
    upgrade: start.upgrade,
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => 60_000,
  } as unknown as Context;
  const troubled = new Set(['Deployment istio-system/in', 'Deployment istio-system/out']);
  return { context, applied, asked, view: { ...start, before: { ...NOTHING_BEFORE, troubled } } };
}

const failureOf = (run: Promise<unknown>): Promise<StepFailed> =>
  run.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => error as StepFailed,
  );

describe('H22, H23: gateways that istioctl installed move one by one', () => {
  test('those of the revision that is left, wholly or in part; not what may stay, nor another’s', () => {
    const planned = (side: 'from' | 'to') =>
      (moveGateways(side).plan?.(surroundings(RENDERED).view) ?? []).map(({ object }) => object);
    expect(planned('to')).toEqual(['Deployment istio-system/in', 'Deployment istio-system/out']);
    expect(planned('from')).toEqual(['Deployment istio-system/out']);
  });

  test('applied as istioctl applies them: in its name, with its labels, the Deployment last', async () => {
    const { context, applied, asked, view } = surroundings(RENDERED);
    await moveGateways('to').run(context, view);
    const labels = JSON.stringify({
      'operator.istio.io/managed': 'Reconcile',
      'istio.io/rev': NEW.revision,
      'operator.istio.io/version': NEW.version,
    });
    expect(applied).toEqual(
      ['in', 'out'].flatMap((name) =>
        ['Service', 'Deployment'].map((kind) => `${kind} ${name} by istio-operator ${labels}`),
      ),
    );
    expect(asked).toEqual([
      {
        revision: NEW.revision,
        configFiles: ['/mesh.yaml'],
        set: ['a=b'],
        without: 'all but gateways',
      },
    ]);
  });

  test('from files of their own, where they were installed by themselves', async () => {
    const { context, asked, view } = surroundings(RENDERED, { gatewayConfig: ['/gateways.yaml'] });
    await moveGateways('from').run(context, view);
    expect(asked).toEqual([
      { revision: OLD.revision, configFiles: ['/gateways.yaml'], set: [], without: 'all but gateways' },
    ]);
  });

  test.each<[string, RenderedGateways | Unreadable, string]>([
    [
      'one is not in it',
      { readable: true, gateways: RENDERED.gateways.slice(1) },
      'gateway-not-in-configuration',
    ],
    ['it can’t be rendered', { readable: false, reason: 'x' }, 'gateways-not-rendered'],
  ])('%s: none is touched', async (_, rendered, id) => {
    const { context, applied, view } = surroundings(rendered);
    const { findings } = await failureOf(moveGateways('to').run(context, view));
    expect(findings.map((finding) => finding.id)).toEqual([id]);
    expect(applied).toEqual([]);
  });
});
