import { describe, expect, test } from '@jest/globals';
import type { Applied, Cluster } from '../../../src/cluster/cluster.ts';
import type { Istioctl } from '../../../src/istioctl/istioctl.ts';
import type { RenderedGateways } from '../../../src/istioctl/gateway-manifest.ts';
import type { WantedGateways } from '../../../src/istioctl/gateways-of-each.ts';
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

const OWNER = 'install.operator.istio.io/owning-resource';

/** Broken before, so that no rollout is waited for: that is shown by scenarios. */
function surroundings(rendered: RenderedGateways | Unreadable, inputs: object = {}) {
  const applied: string[] = [];
  const asked: WantedGateways[] = [];
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
      'istio.io/rev': NEW.revision,
      'operator.istio.io/managed': 'Reconcile',
      'operator.istio.io/version': NEW.version,
    });
    expect(applied).toEqual(
      ['in', 'out'].flatMap((name) =>
        ['Service', 'Deployment'].map((kind) => `${kind} ${name} by istio-operator ${labels}`),
      ),
    );
    expect(asked.map(({ due }) => due.map(({ name }) => name))).toEqual([['in', 'out']]);
    expect(asked.map(({ sources }) => sources)).toEqual([
      [
        {
          inputs: 'config and set',
          revision: NEW.revision,
          configFiles: ['/mesh.yaml'],
          set: ['a=b'],
          without: 'all but gateways',
        },
      ],
    ]);
  });

  test('from files of their own, where they were installed by themselves, and from the rest', async () => {
    const { context, asked, view } = surroundings(RENDERED, { gatewayConfig: ['/gateways.yaml'] });
    await moveGateways('from').run(context, view);
    const of = { revision: OLD.revision, set: ['a=b'] };
    expect(asked).toMatchObject([
      {
        sources: [
          { ...of, configFiles: ['/gateways.yaml'] },
          { ...of, configFiles: ['/mesh.yaml'] },
        ],
      },
    ]);
  });

  test('the labels that istioctl puts over the charts’ are those of before: whose it is stays known', async () => {
    const { context, applied, view } = surroundings({
      readable: true,
      gateways: RENDERED.gateways.map((gateway) => ({
        ...gateway,
        objects: gateway.objects.map((one) => ({
          ...one,
          metadata: { ...one.metadata, labels: { [OWNER]: 'unknown' } },
        })),
      })),
    });
    const named = view.mesh.installedGateways.map((gateway) => ({
      ...gateway,
      ownerLabels: { [OWNER]: 'eastwest' },
    }));
    await moveGateways('to').run(context, { ...view, mesh: { ...view.mesh, installedGateways: named } });
    expect(applied).toHaveLength(4);
    for (const line of applied) expect(line).toContain(`"${OWNER}":"eastwest"`);
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
