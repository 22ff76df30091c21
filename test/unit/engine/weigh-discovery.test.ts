import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import type { Upgrade, View } from '../../../src/decide/upgrade.ts';
import { NOTHING_RENDERED, type Rendered } from '../../../src/engine/rendered.ts';
import type { Session } from '../../../src/engine/session.ts';
import { targetConfigMaps } from '../../../src/engine/target-config-map.ts';
import { weighDiscovery } from '../../../src/engine/weigh-discovery.ts';
import type { Phase } from '../../../src/outcome.ts';
import { type MeshSpec, NEW, OLD, installedGateway, plane, pod, view, workload } from '../../support/mesh.ts';

const LABEL = 'istio.io/rev';
const SYSTEM = { matchLabels: { 'kubernetes.io/metadata.name': 'istio-system' } };
const names = (...values: readonly string[]) => ({
  matchExpressions: [{ key: LABEL, operator: 'In', values }],
});
const OWN = { matchLabels: { 'istio-discovery': 'enabled' } };

type Selectors = Readonly<Record<'from' | 'to', readonly object[]>>;

/** What is told of a mesh, by severity. */
async function told(
  phase: Phase,
  seen: View,
  selectors: Selectors,
  inputs: object = {},
  coming = NOTHING_RENDERED,
): Promise<Record<'error' | 'warning', string[]>> {
  const { from, to } = seen.upgrade;
  const nameOn = (revision: string): string => (revision === 'default' ? 'istio' : `istio-${revision}`);
  const reader: Partial<Cluster> = {
    get: ((_kind: string, name: string) => {
      const side = name === nameOn(to.revision) ? 'to' : name === nameOn(from.revision) ? 'from' : undefined;
      const mesh = side && stringify({ discoverySelectors: selectors[side] });
      return Promise.resolve(mesh === undefined ? undefined : { data: { mesh } });
    }) as unknown as Cluster['get'],
  };
  const all = { phase, istioNamespace: 'istio-system', acknowledge: [], stableTags: [], adoptTags: false };
  const session = { reader, inputs: { ...all, ...inputs } } as unknown as Session;
  const findings = await weighDiscovery(session, seen, targetConfigMaps(session, coming), phase);
  const of = (wanted: string) =>
    findings.flatMap(({ severity, object = '' }) =>
      severity === wanted ? [object.split(' ')[1] ?? ''] : [],
    );
  return { error: of('error').sort(), warning: of('warning').sort() };
}

/** A canary that is to be installed with a selector. */
const stops = (selector: object): Rendered => ({
  ...NOTHING_RENDERED,
  yaml: stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `istio-${NEW.revision}` },
    data: { mesh: stringify({ discoverySelectors: [selector] }) },
  }),
});

const upgradeOf = (namespaces: readonly string[], changes: Partial<Upgrade> = {}) => ({
  upgrade: { attempt: 'x', from: OLD, to: NEW, scope: { namespaces, tags: [] }, tags: {}, ...changes },
});
const PLANES = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const INJECTED = { 'istio-injection': 'enabled' };
const BY_NAME: Selectors = { from: [], to: [names(NEW.revision), SYSTEM] };

const byDefault: MeshSpec = {
  planes: PLANES,
  tags: { default: OLD.revision },
  namespaces: { shop: INJECTED, pay: INJECTED },
};

test('promise 14: proxies that move have to see the namespaces that do not move yet', async () => {
  // What is moved would be put back by promote, where it follows the default.
  expect(await told('canary', view(byDefault, upgradeOf(['shop'])), BY_NAME)).toEqual({
    error: ['pay'],
    warning: ['shop'],
  });
  const rest = { from: [], to: [names(NEW.revision), { matchLabels: INJECTED }] };
  expect(await told('canary', view(byDefault, upgradeOf(['shop'])), rest)).toEqual({
    error: [],
    warning: [],
  });
});

test('promise 14: labels that promote puts back, or has a tag follow, are held against the target', async () => {
  const both = upgradeOf(['shop', 'pay']);
  expect(await told('promote', view(byDefault, both), BY_NAME)).toEqual({
    error: ['pay', 'shop'],
    warning: [],
  });
  const moved: MeshSpec = {
    ...byDefault,
    namespaces: { shop: { [LABEL]: NEW.revision }, pay: INJECTED },
    originals: { shop: { 'istio-injection': 'enabled', [LABEL]: null } },
  };
  expect((await told('promote', view(moved, both), BY_NAME)).error).toEqual(['pay', 'shop']);

  const named: MeshSpec = {
    planes: PLANES,
    tags: { stable: OLD.revision },
    namespaces: { shop: { [LABEL]: OLD.revision }, pay: { [LABEL]: NEW.revision } },
    originals: { pay: { 'istio-injection': null, [LABEL]: OLD.revision } },
  };
  const selectors = { from: [names(OLD.revision, NEW.revision)], to: [names(OLD.revision, NEW.revision)] };
  const promote = view(named, upgradeOf(['shop'], { tags: { stable: NEW.revision } }));
  expect(await told('promote', promote, selectors)).toEqual({ error: [], warning: [] });
  const adopts = { stableTags: ['stable'], adoptTags: true };
  expect((await told('promote', promote, selectors, adopts)).error).toEqual(['pay', 'shop']);
  expect((await told('precheck', promote, selectors, adopts)).error).toEqual(['pay', 'shop']);
  expect((await told('canary', promote, selectors, adopts)).warning).toEqual(['pay', 'shop']);
  // Once they follow it, they are asked about as they are.
  const done: MeshSpec = {
    ...named,
    tags: { stable: NEW.revision },
    namespaces: { pay: { [LABEL]: 'stable' } },
    namespaceFacts: { pay: { adopted: { tag: 'stable', revision: NEW.revision } } },
  };
  const stable = { from: [], to: [names('stable')] };
  expect(await told('promote', view(done, upgradeOf([])), stable, adopts)).toEqual({
    error: [],
    warning: [],
  });
});

test('promise 14: a tag takes nobody along whom the target does not watch', async () => {
  const prod = { [LABEL]: 'prod' };
  const spec: MeshSpec = {
    planes: PLANES,
    tags: { prod: OLD.revision },
    namespaces: { shop: { ...prod, 'istio-discovery': 'enabled' }, pay: prod },
  };
  const moving = view(spec, upgradeOf(['pay', 'shop'], { tags: { prod: NEW.revision } }));
  for (const phase of ['precheck', 'canary', 'promote'] as const)
    expect(await told(phase, moving, { from: [], to: [OWN] })).toEqual({ error: ['pay'], warning: [] });
  // The old istiod does not watch it, either.
  expect((await told('promote', moving, { from: [OWN], to: [OWN] })).error).toEqual([]);
});

test('what holds anything of the mesh counts, injected by its label or not, and nothing else does', async () => {
  const spec: MeshSpec = {
    planes: PLANES,
    namespaces: {
      pay: { [LABEL]: OLD.revision, ...OWN.matchLabels },
      edge: {},
      bare: {},
      pinned: {},
      other: {},
    },
    installedGateways: [installedGateway('edge/in', OLD.revision)],
    pods: [pod('bare/x', OLD.revision)],
    workloads: [workload('pinned/w', { injectedBy: [OLD.revision], pinnedRevision: OLD.revision })],
  };
  expect(await told('canary', view(spec, upgradeOf(['pay'])), { from: [], to: [OWN] })).toEqual({
    error: ['bare', 'edge', 'pinned'],
    warning: [],
  });
});

test('whom canary leaves as they are is known only where it is told whom it moves', async () => {
  const spec: MeshSpec = { planes: PLANES, namespaces: { pay: { [LABEL]: OLD.revision } } };
  const selectors = { from: [], to: [names(NEW.revision)] };
  expect(await told('precheck', view(spec, upgradeOf([])), selectors)).toEqual({
    error: [],
    warning: ['pay'],
  });
  expect(await told('precheck', view(spec, upgradeOf(['pay'])), selectors)).toEqual({
    error: [],
    warning: [],
  });
});

test('what may stay unseen is a warning', async () => {
  const acknowledge = { acknowledge: ['Namespace/pay'] };
  expect(await told('canary', view(byDefault, upgradeOf(['shop'])), BY_NAME, acknowledge)).toEqual({
    error: [],
    warning: ['pay', 'shop'],
  });
});

test('promise 13: whom a target does not watch that has all proxies is told, and stops nothing', async () => {
  const spec: MeshSpec = {
    planes: PLANES,
    tags: { default: NEW.revision },
    defaultValidator: NEW.revision,
    namespaces: { pay: { [LABEL]: NEW.revision }, shop: { [LABEL]: NEW.revision, ...OWN.matchLabels } },
    pods: [pod('pay/x', NEW.revision)],
  };
  const through = view(spec, upgradeOf([]));
  const selectors = { from: [], to: [OWN] };
  for (const phase of ['precheck', 'canary', 'promote'] as const)
    expect(await told(phase, through, selectors)).toEqual({ error: [], warning: ['pay'] });
  // Who is on the old one, or is born there, has yet to lose it.
  const straggler = { ...spec, pods: [pod('shop/x', OLD.revision)] };
  expect((await told('promote', view(straggler, upgradeOf([])), selectors)).error).toEqual(['pay']);
  const asleep = { ...spec, workloads: [workload('shop/w', { injectedBy: [OLD.revision] })] };
  expect((await told('promote', view(asleep, upgradeOf([])), selectors)).error).toEqual(['pay']);
  // What is installed would not watch it any more.
  expect((await told('precheck', through, { from: [], to: [] }, {}, stops(OWN))).error).toEqual(['pay']);
});

test('with the old control plane gone nobody knows what it watched: nothing is held against it', async () => {
  const spec: MeshSpec = {
    planes: PLANES.slice(1),
    tags: { default: NEW.revision },
    namespaces: { pay: { [LABEL]: NEW.revision } },
  };
  const gone = view(spec, upgradeOf([]));
  expect(await told('promote', gone, { from: [], to: [OWN] })).toEqual({ error: [], warning: [] });
});

test('a namespace that says istio.io/rev=default is relabelled like any other', async () => {
  const spec: MeshSpec = {
    planes: PLANES,
    tags: { default: OLD.revision },
    namespaces: { shop: { [LABEL]: OLD.revision }, pay: { [LABEL]: 'default' } },
  };
  const selectors = {
    from: [names(OLD.revision, 'default', NEW.revision)],
    to: [names(OLD.revision, 'default')],
  };
  expect((await told('precheck', view(spec, upgradeOf(['shop'])), selectors)).error).toEqual(['pay', 'shop']);
});

test('rollback and an upgrade in place weigh nothing', async () => {
  expect(await told('rollback', view(byDefault, upgradeOf(['shop'])), BY_NAME)).toEqual({
    error: [],
    warning: [],
  });
});
