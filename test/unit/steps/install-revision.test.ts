import { describe, expect, test } from '@jest/globals';
import type { ConfigMap } from '../../../src/cluster/objects.ts';
import { contentOf } from '../../../src/istio/content.ts';
import type { RenderedObject } from '../../../src/istioctl/manifest.ts';
import { silentLogger } from '../../../src/log.ts';
import { type UpgradeRecord, parseRecord } from '../../../src/record/record.ts';
import type { Context } from '../../../src/steps/context.ts';
import { installRevision } from '../../../src/steps/install-revision.ts';
import { record } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, installedGateway, plane, view } from '../../support/mesh.ts';
import { emptyReport } from '../report/reports.ts';

const istiod = (container: object = {}) =>
  contentOf({
    kind: 'Deployment',
    spec: {
      template: { spec: { containers: [{ name: 'discovery', image: 'pilot:1.31.0', ...container }] } },
    },
  });
const LIMITS = {
  resources: { limits: { cpu: '500m', memory: '2Gi' }, requests: { cpu: '1', memory: '1Gi' } },
};
const WITHOUT = { resources: { requests: LIMITS.resources.requests } };
const rendered = (
  kind: string,
  name: string,
  content: string | undefined,
  more: Partial<RenderedObject> = {},
) => ({
  kind,
  name,
  namespace: 'istio-system',
  component: 'Pilot',
  revision: NEW.revision,
  tag: undefined,
  images: [],
  serves: [],
  placeholders: [],
  content,
  ...more,
});
const owned = (kind: 'Deployment' | 'ConfigMap', name: string, content: string | undefined) => ({
  kind,
  name,
  namespace: 'istio-system',
  uid: 'u',
  revision: NEW.revision,
  terminating: false,
  content,
});
const WANTED = [
  rendered('ConfigMap', 'istio-1-31-0', 'mesh'),
  rendered('Deployment', 'istiod-1-31-0', istiod(WITHOUT)),
];
const there = (content: string | undefined, map = 'mesh', more: Partial<MeshSpec> = {}): MeshSpec => ({
  planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
  tags: { default: OLD.revision },
  owned: [owned('ConfigMap', 'istio-1-31-0', map), owned('Deployment', 'istiod-1-31-0', content)],
  ...more,
});

/** Installs, and sees one mesh after the other. */
async function install(
  {
    ok = true,
    wanted = WANTED,
    before = record(),
  }: { ok?: boolean; wanted?: RenderedObject[]; before?: UpgradeRecord },
  ...specs: readonly MeshSpec[]
) {
  let map: ConfigMap = {
    metadata: { name: 'istio-upgrade', namespace: 'istio-system' },
    data: { record: JSON.stringify(before) },
  };
  const report = emptyReport();
  const during: (string | undefined)[] = [];
  let looks = 0;
  const views = specs.map((spec) => view(spec));
  const ended = {
    ok,
    code: ok ? 0 : 1,
    timedOut: false,
    aborted: false,
    words: '',
    denied: [],
    durationMs: 1,
  };
  const context = {
    inputs: { istioNamespace: 'istio-system', config: [], set: [] },
    cluster: {
      get: () => Promise.resolve(map),
      list: () => [],
      edit: (_: string, __: string, ___: string, change: (current: ConfigMap) => object | undefined) => {
        map = { ...map, ...change(map) };
        return Promise.resolve(map);
      },
    },
    istioctl: {
      to: {
        istioctl: {
          install: () => {
            during.push(parseRecord(map).installed);
            return Promise.resolve(ended);
          },
        },
      },
    },
    upgrade: views[0]!.upgrade,
    report,
    log: silentLogger,
    runUrl: '',
    signal: new AbortController().signal,
    remainingMs: () => 60_000,
    observe: () => Promise.resolve(views[Math.min(looks++, views.length - 1)]!.mesh),
  } as unknown as Context;
  const failed = await installRevision(wanted)
    .run(context, views[0]!)
    .then(
      () => [],
      (error: unknown) => (error as { findings: { id: string; message: string }[] }).findings,
    );
  return { failed, findings: report.findings, record: parseRecord(map), during };
}

const plan = (spec: MeshSpec, known: UpgradeRecord | undefined, wanted = WANTED): string[] =>
  (installRevision(wanted).plan?.(view(spec, { record: known })) ?? []).map(({ object }) => object);
const INSTALL = [`istiod ${NEW.version} as revision ${NEW.revision}`];

describe('a Deployment that something else changes as it is written', () => {
  test('is told with its fields, once the installation has ended well', async () => {
    const { failed, findings } = await install({}, there(istiod(LIMITS)));
    expect(failed).toEqual([]);
    expect(findings).toMatchObject([
      {
        id: 'deployment-changed-by-others',
        severity: 'warning',
        object: 'Deployment istio-system/istiod-1-31-0',
        message: expect.stringContaining(
          'discovery: resources.limits.cpu, discovery: resources.limits.memory',
        ) as unknown,
      },
    ]);
  });

  test('is not installed again for that alone, whatever is changed of it since', async () => {
    const seen = there(istiod(LIMITS));
    expect(plan(seen, record())).toEqual(INSTALL);
    const { record: known } = await install({}, seen);
    expect(plan(seen, known)).toEqual([]);
    expect(plan(there(istiod({ env: [{ name: 'A', value: 'b' }] })), known)).toEqual([]);
    // With nothing remembered all is to be as it is wanted.
    expect(plan(seen, undefined)).toEqual(INSTALL);
  });

  test('is installed again for other inputs, and for whatever else is not as it is wanted', async () => {
    const { record: known } = await install({}, there(istiod(LIMITS)));
    const other = [WANTED[0]!, rendered('Deployment', 'istiod-1-31-0', istiod({ args: ['discovery'] }))];
    expect(plan(there(istiod(LIMITS)), known, other)).toEqual(INSTALL);
    expect(plan(there(istiod(LIMITS), 'another mesh'), known)).toEqual(INSTALL);
    expect(plan({ ...there(undefined), owned: [] }, known)).toEqual(INSTALL);
    const unready = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version, { service: false })];
    expect(plan(there(istiod(LIMITS), 'mesh', { planes: unready }), known)).toEqual(INSTALL);
  });

  test('says nothing while an installation is under way: one that dies is gone on with', async () => {
    const { record: known } = await install({}, there(istiod(LIMITS)));
    const again = await install({ before: known, ok: false }, there(istiod(LIMITS)));
    expect([...again.during, again.record.installed]).toEqual([undefined, undefined]);
    expect(again.failed.map(({ id }) => id)).toEqual(['control-plane-not-ready']);
    expect(again.findings).toEqual([]);
  });

  test('nothing is remembered where all is as it was written', async () => {
    const { failed, findings, record: known } = await install({}, there(istiod(WITHOUT)));
    expect([failed, findings, known.installed]).toEqual([[], [], undefined]);
  });

  test('is waited for while it rolls once more', async () => {
    const rollout = { done: false, desired: 1, updated: 0, available: 1, message: '0 of 1 updated' };
    const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version, { rollout })];
    const { failed } = await install({}, there(istiod(LIMITS), 'mesh', { planes }), there(istiod(LIMITS)));
    expect(failed).toEqual([]);
  });

  test('may be a gateway that goes along, too', async () => {
    const edge = {
      ...rendered('Deployment', 'edge', 'x', { component: 'IngressGateways' }),
      content: istiod(WITHOUT),
    };
    const installedGateways = [
      installedGateway('istio-system/edge', NEW.revision, { content: istiod(LIMITS) }),
    ];
    const seen = there(istiod(WITHOUT), 'mesh', { installedGateways });
    const { failed, findings, record: known } = await install({ wanted: [...WANTED, edge] }, seen);
    expect(failed).toEqual([]);
    expect(findings.map(({ object }) => object)).toEqual(['Deployment istio-system/edge']);
    expect(plan(seen, known, [...WANTED, edge])).toEqual([]);
  });
});
