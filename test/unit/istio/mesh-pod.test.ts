import { describe, expect, test } from '@jest/globals';
import type { Container, Metadata, Pod } from '../../../src/cluster/objects.ts';
import { injectorsOf } from '../../../src/istio/injection.ts';
import { meshPodOf } from '../../../src/istio/mesh-pod.ts';
import { acceptedBy } from '../../../src/istio/stragglers.ts';
import { OLD, foreignWebhook, mesh, plane } from '../../support/mesh.ts';

const frame = mesh({
  planes: [plane(OLD.revision, OLD.version)],
  namespaces: { a: { 'istio.io/rev': OLD.revision }, other: { 'istio.io/rev': 'blue' }, plain: {} },
  foreignInjectors: injectorsOf([foreignWebhook('blue', 'istio-blue')]),
});

function proxyTo(place: string): Container {
  return {
    name: 'istio-proxy',
    image: `docker.io/istio/proxyv2:${OLD.version}`,
    env: [{ name: 'CA_ADDR', value: `istiod.${place}.svc:15012` }],
  };
}

function podOf(
  namespace: string,
  revision: string | undefined,
  changes: Partial<Pod> & { meta?: Partial<Metadata> } = {},
): Pod {
  const { meta, ...rest } = changes;
  return {
    metadata: {
      name: 'p',
      namespace,
      ...(revision === undefined
        ? {}
        : { annotations: { 'sidecar.istio.io/status': JSON.stringify({ revision }) } }),
      ...meta,
    },
    spec: { containers: [{ name: 'app' }, ...(revision === undefined ? [] : [proxyTo('istio-system')])] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    ...rest,
  };
}

describe('a pod of the mesh', () => {
  test('has a proxy of it', () => {
    expect(meshPodOf(podOf('a', OLD.revision), frame)).toMatchObject({
      revision: OLD.revision,
      version: OLD.version,
      ready: true,
      injectedBy: [OLD.revision],
    });
  });

  test('or should have one', () => {
    expect(meshPodOf(podOf('a', undefined), frame)).toMatchObject({
      revision: undefined,
      injectedBy: [OLD.revision],
    });
    expect(meshPodOf(podOf('plain', undefined), frame)).toBeUndefined();
    const spec = { containers: [{ name: 'app' }], hostNetwork: true };
    expect(meshPodOf(podOf('a', undefined, { spec }), frame)).toBeUndefined();
  });

  test.each(['Succeeded', 'Failed'])('H28: not one that has %s', (phase) => {
    expect(meshPodOf(podOf('a', OLD.revision, { status: { phase } }), frame)).toBeUndefined();
  });

  test('where its namespace was relabelled to nothing, its proxy still counts', () => {
    expect(meshPodOf(podOf('plain', OLD.revision), frame)).toMatchObject({
      revision: OLD.revision,
      injectedBy: [],
    });
  });
});

describe("M03: another mesh's proxy", () => {
  test('is not ours, also under a revision that we have', () => {
    const spec = { containers: [proxyTo('istio-blue')] };
    expect(meshPodOf(podOf('other', 'blue', { spec }), frame)).toBeUndefined();
    expect(meshPodOf(podOf('other', OLD.revision, { spec }), frame)).toBeUndefined();
  });

  test('without an address it is told by its revision', () => {
    const spec = { containers: [{ name: 'istio-proxy', image: 'proxyv2:1.30.3' }] };
    expect(meshPodOf(podOf('other', 'blue', { spec }), frame)).toBeUndefined();
    expect(meshPodOf(podOf('plain', OLD.revision, { spec }), frame)).toMatchObject({
      revision: OLD.revision,
    });
  });

  test('where our injector would inject it now, it counts as a pod without our sidecar', () => {
    const spec = { containers: [proxyTo('istio-blue')] };
    expect(meshPodOf(podOf('a', 'blue', { spec }), frame)).toMatchObject({
      revision: undefined,
      version: undefined,
    });
  });
});

describe('a CA of its own (cert-manager istio-csr) says nothing of whose mesh it is', () => {
  const env = [{ name: 'CA_ADDR', value: 'cert-manager-istio-csr.cert-manager.svc:443' }];
  const signed: Container = { name: 'istio-proxy', image: `proxyv2:${OLD.version}`, env };
  const sameName = { ...frame, foreignInjectors: injectorsOf([foreignWebhook(OLD.revision, 'istio-blue')]) };

  test('of a sidecar of the mesh without a revision', () => {
    const spec = { containers: [{ ...signed, env: [...env, { name: 'PROXY_CONFIG', value: '{}\n' }] }] };
    expect(meshPodOf(podOf('plain', OLD.revision, { spec }), frame)).toMatchObject({
      revision: OLD.revision,
    });
  });

  test('of a gateway that istioctl has installed, which has no other address: by its revision', () => {
    const spec = { containers: [signed] };
    expect(meshPodOf(podOf('plain', OLD.revision, { spec }), frame)).toMatchObject({
      revision: OLD.revision,
    });
    expect(meshPodOf(podOf('other', 'blue', { spec }), frame)).toBeUndefined();
    expect(meshPodOf(podOf('plain', OLD.revision, { spec }), sameName)).toBeDefined();
    // It reads its mesh from a ConfigMap of its own namespace.
    expect(meshPodOf(podOf('istio-blue', OLD.revision, { spec }), sameName)).toBeUndefined();
  });
});

test('another istiod that signs for it is kept by its name, its own is not', () => {
  const asks = (signer: string) => {
    const env = [
      {
        name: 'PROXY_CONFIG',
        value: JSON.stringify({ discoveryAddress: `istiod-${OLD.revision}.istio-system.svc:15012` }),
      },
      { name: 'CA_ADDR', value: `${signer}.istio-system.svc:15012` },
    ];
    const spec = { containers: [{ name: 'istio-proxy', image: `proxyv2:${OLD.version}`, env }] };
    return meshPodOf(podOf('a', OLD.revision, { spec }), frame)?.asks;
  };
  expect(asks('istiod')).toEqual(['istiod']);
  expect(asks(`istiod-${OLD.revision}`)).toBeUndefined();
});

test('M08: a gateway written by hand is told by istiod, not by its pod', () => {
  const spec = { containers: [proxyTo('istio-system')] };
  expect(meshPodOf(podOf('plain', undefined, { spec }), frame)).toBeUndefined();
  // In a namespace that is injected it is there, and no injector is known to have made its proxy.
  expect(meshPodOf(podOf('a', undefined, { spec }), frame)).toMatchObject({ revision: undefined });
});

describe('who made it, and whether it may stay', () => {
  const replicaSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9', controller: true };
  const web = podOf('a', OLD.revision, {
    meta: { labels: { 'pod-template-hash': '5d9', app: 'web' }, ownerReferences: [replicaSet] },
  });

  test('a ReplicaSet with the hash of the template is a Deployment, with that of Argo a Rollout; another one is itself', () => {
    expect(meshPodOf(web, frame)?.owner).toEqual({ kind: 'Deployment', name: 'web' });
    const argo = podOf('a', OLD.revision, {
      meta: { labels: { 'rollouts-pod-template-hash': '5d9' }, ownerReferences: [replicaSet] },
    });
    expect(meshPodOf(argo, frame)?.owner).toEqual({ kind: 'Rollout', name: 'web' });
    const rolled = podOf('a', OLD.revision, { meta: { ownerReferences: [replicaSet] } });
    expect(meshPodOf(rolled, frame)?.owner).toEqual({ kind: 'ReplicaSet', name: 'web-5d9' });
    expect(meshPodOf(podOf('a', OLD.revision), frame)?.owner).toBeUndefined();
  });

  test.each([
    ['its own name', { names: ['a/p'], selectors: [] }, true],
    ['its owner', { names: ['Deployment a/web'], selectors: [] }, true],
    ['its namespace', { names: ['a/*'], selectors: [] }, true],
    ['its labels', { names: [], selectors: [{ matchLabels: { app: 'web' } }] }, true],
    ['another', { names: ['a/q'], selectors: [{ matchLabels: { app: 'x' } }] }, false],
  ])('M24: accepted by %s', (_, selection, accepted) => {
    expect(meshPodOf(web, frame, acceptedBy(selection))?.accepted).toBe(accepted);
  });

  test('a pod of a gateway of istioctl’s goes along with it, also where its owner is named', () => {
    const labels = { ...web.metadata.labels, 'operator.istio.io/component': 'IngressGateways' };
    const gateway = { ...web, metadata: { ...web.metadata, labels } };
    const selection = { names: ['a/*'], selectors: [], goAlong: ['installed' as const] };
    expect(meshPodOf(gateway, frame, acceptedBy(selection))?.accepted).toBe(false);
    expect(meshPodOf(web, frame, acceptedBy(selection))?.accepted).toBe(true);
  });
});
