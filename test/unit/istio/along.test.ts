import { describe, expect, test } from '@jest/globals';
import { changedByAccident } from '../../../src/istio/accident.ts';
import { agentsPrunedWith, alongChanges, besides, goingAlong, judgeAlong } from '../../../src/istio/along.ts';
import { noWayBack } from '../../../src/istio/cni-configuration.ts';
import { prunedWith } from '../../../src/istio/installed-gateway.ts';
import { renderChange } from '../../../src/istio/change.ts';
import type { RenderedObject } from '../../../src/istioctl/manifest.ts';
import type { RenderedCni } from '../../../src/istioctl/cni-manifest.ts';
import { NEW, OLD, installedGateway, mesh, shared } from '../../support/mesh.ts';

const object = (name: string, component: string, changes: Partial<RenderedObject> = {}): RenderedObject => {
  const [kind = '', place = ''] = name.split(' ');
  const [namespace = '', own] = place.split('/');
  return {
    kind,
    name: own ?? namespace,
    namespace: own === undefined ? undefined : namespace,
    component,
    revision: NEW.revision,
    tag: undefined,
    images: [],
    serves: [],
    placeholders: [],
    content: undefined,
    ...changes,
  };
};

const GATEWAY = object('Deployment istio-system/gw', 'IngressGateways', { content: 'new' });
const PARTS = [
  GATEWAY,
  object('Service istio-system/gw', 'IngressGateways'),
  object('Role istio-system/gw-sds', 'IngressGateways'),
];
const AGENT = object('DaemonSet kube-system/istio-cni-node', 'Cni', {
  images: [`docker.io/istio/install-cni:${NEW.version}`],
});
const CNI = [AGENT, object('ClusterRole istio-cni', 'Cni')];
const RENDERED = [object('Deployment istio-system/istiod-1-31-0', 'Pilot'), ...PARTS, ...CNI];
const BOTH = { gateways: 'with-install', cni: 'with-install' } as const;
const NEITHER = { gateways: 'with-promote', cni: 'leave' } as const;

const of = (revision: string, agent: Parameters<typeof shared>[0] = {}) =>
  mesh({
    planes: [],
    installedGateways: [
      installedGateway('istio-system/gw', revision, { content: revision === NEW.revision ? 'new' : 'old' }),
    ],
    shared: [shared({ goesWith: revision, version: revision.replaceAll('-', '.'), ...agent })],
  });

const judged = (
  rendered: readonly RenderedObject[],
  changes: Partial<Parameters<typeof judgeAlong>[2]> = {},
  seen = of(OLD.revision),
) =>
  judgeAlong(rendered, seen, {
    asked: BOTH,
    version: NEW.version,
    troubled: new Set(),
    ...changes,
  }).map(({ id, object: about }) => `${id} ${about ?? ''}`);

describe('what may go along with the installation of a canary', () => {
  test('gateways and CNI that are there as istioctl’s, where they were asked for', () => {
    expect([...goingAlong(RENDERED, of(OLD.revision), BOTH)]).toEqual([...PARTS, ...CNI]);
    expect([...goingAlong(RENDERED, of(OLD.revision), { ...BOTH, cni: 'leave' })]).toEqual(PARTS);
    expect([...goingAlong(RENDERED, of(OLD.revision), NEITHER)]).toEqual([]);
  });

  test('H22: nothing that the mesh does not have, in that namespace', () => {
    expect([...goingAlong(RENDERED, mesh({ planes: [] }), BOTH)]).toEqual([]);
    const elsewhere = PARTS.map((part) => ({ ...part, namespace: 'edge' }));
    expect([...goingAlong(elsewhere, of(OLD.revision), BOTH)]).toEqual([]);
    const moved = CNI.map((part) => ({ ...part, namespace: 'istio-system' }));
    expect([...goingAlong(moved, of(OLD.revision), BOTH)]).toEqual([]);
    // Another gateway, whose name begins alike.
    const another = object('Deployment istio-system/gw-internal', 'IngressGateways');
    expect([...goingAlong([...PARTS, another], of(OLD.revision), BOTH)]).toEqual(PARTS);
  });

  test('and no CNI that Helm has installed, nor ztunnel', () => {
    expect([...goingAlong(CNI, of(OLD.revision, { goesWith: undefined }), BOTH)]).toEqual([]);
    expect([...goingAlong(CNI, of(OLD.revision, { kind: 'ztunnel' }), BOTH)]).toEqual([]);
  });
});

describe('the plan says what goes along', () => {
  const changes = (seen: ReturnType<typeof of>) => alongChanges(RENDERED, seen, NEW).map(renderChange);

  test('each of it, until it is the target’s', () => {
    expect(changes(of(OLD.revision))).toEqual([
      `Deployment istio-system/gw: ${OLD.revision} → ${NEW.revision}`,
      `DaemonSet kube-system/istio-cni-node: ${OLD.version} → ${NEW.version}`,
    ]);
    expect(changes(of(NEW.revision))).toEqual([]);
  });

  test('also what a run that was stopped has left half-way, or what has another content now', () => {
    const half = installedGateway('istio-system/gw', NEW.revision, {
      serviceRevision: OLD.revision,
      content: 'new',
    });
    const other = installedGateway('istio-system/gw', NEW.revision, { content: 'x' });
    for (const gateway of [half, other])
      expect(alongChanges(PARTS, mesh({ planes: [], installedGateways: [gateway] }), NEW)).toHaveLength(1);
  });

  test('nothing where nothing of it is rendered', () => {
    expect(alongChanges([], of(OLD.revision), NEW)).toEqual([]);
  });
});

test('promise 6: what goes along may change, and nothing else', () => {
  const command = { command: 'istioctl install', own: NEW.revision };
  const accidents = (rendered: readonly RenderedObject[]) =>
    changedByAccident(besides(of(OLD.revision), rendered), besides(of(NEW.revision), rendered), command);
  expect(accidents(RENDERED)).toEqual([]);
  expect(accidents(PARTS).map(({ message }) => message)).toHaveLength(1);
  expect(accidents([])).toHaveLength(2);
});

describe('what was asked to go along and can’t', () => {
  test('nothing to say of what can, nor where nothing was asked', () => {
    expect(judged(RENDERED)).toEqual([]);
    expect(judged([], { asked: NEITHER })).toEqual([]);
  });

  test('a gateway that allow-stragglers holds back, or that is broken: istioctl would upgrade it, or wait in vain', () => {
    const accepted = mesh({
      planes: [],
      installedGateways: [installedGateway('istio-system/gw', OLD.revision, { accepted: true })],
    });
    expect(judged(PARTS, {}, accepted)).toEqual(['gateway-not-held-back Deployment istio-system/gw']);
    expect(judged(PARTS, { asked: NEITHER }, accepted)).toEqual([]);
    expect(judged(RENDERED, { troubled: new Set(['Deployment istio-system/gw']) })).toEqual([
      'gateway-not-healthy Deployment istio-system/gw',
    ]);
  });

  test('CNI that is not rendered, that is not istioctl’s, or whose image is pinned', () => {
    expect(judged(PARTS)).toEqual(['cni-not-with-install DaemonSet kube-system/istio-cni-node']);
    expect(judged(CNI, {}, of(OLD.revision, { goesWith: undefined }))).toEqual([
      'cni-not-with-install DaemonSet kube-system/istio-cni-node',
    ]);
    const pinned = { ...AGENT, images: ['docker.io/istio/install-cni:1.30.3'] };
    expect(judged([pinned])).toEqual(['configuration-other-version DaemonSet kube-system/istio-cni-node']);
    expect(judged([{ ...AGENT, images: ['docker.io/istio/install-cni@sha256:1'] }])).toEqual([]);
  });
});

test('H22, H54: installing the target anew without what is its own by now would delete it', () => {
  expect(agentsPrunedWith(of(NEW.revision), NEW.revision, PARTS).map(({ id }) => id)).toEqual([
    'cni-would-be-pruned',
  ]);
  expect(agentsPrunedWith(of(NEW.revision), NEW.revision, CNI)).toEqual([]);
  expect(agentsPrunedWith(of(OLD.revision), NEW.revision, [])).toEqual([]);
  expect(prunedWith(of(NEW.revision), NEW.revision, [])).toHaveLength(1);
  expect(prunedWith(of(NEW.revision), NEW.revision, PARTS)).toEqual([]);
});

describe('H42: CNI’s way back is there before it is upgraded', () => {
  const agent = shared({ goesWith: OLD.revision });
  const back = (name: string): RenderedCni => ({
    readable: true,
    objects: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, namespace: 'kube-system' } }],
  });

  test('where the current istioctl renders it', () => {
    expect(noWayBack(agent, back('istio-cni-node'), OLD.version)).toEqual([]);
  });

  test.each<[string, Parameters<typeof noWayBack>[1]]>([
    ['renders another', back('other')],
    ['renders none', { readable: true, objects: [] }],
    ['can’t', { readable: false, reason: 'x' }],
  ])('refused where it %s', (_, rendered) => {
    expect(noWayBack(agent, rendered, OLD.version).map(({ id }) => id)).toEqual(['cni-not-rendered']);
  });
});
