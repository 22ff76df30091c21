import type { AfterAct, MeshRevision, Ref, RunAct, Scenario } from '../scenario.ts';

/** The two releases, and the target's derived revision. */
export const OLD = '1.30.3';
export const NEW = '1.31.0';
export const TARGET = '1-31-0';

/** Both kinds of mesh, for what must hold in each. */
export const MESHES: readonly MeshRevision[] = ['1-30-3', 'default'];

/** Of a scenario that is the same on both meshes the testbed plays one day by day. */
export function ofBoth(mesh: MeshRevision): Pick<Scenario, 'testbed'> {
  return mesh === 'default' ? { testbed: 'if-asked' } : {};
}

/** The record of an upgrade, and an istiod. */
export const RECORD: Ref = 'ConfigMap istio-system/istio-upgrade';
export const istiod = (revision: string): Ref =>
  `Deployment istio-system/${revision === 'default' ? 'istiod' : `istiod-${revision}`}`;

/** Namespaces of the shop that are in the mesh. */
const IN_MESH = ['catalog', 'checkout', 'legacy', 'storefront'] as const;

/** The data plane while some namespaces have moved: none, when the canary is not there yet. */
export function dataPlane(
  mesh: MeshRevision,
  moved: readonly string[],
  target: string = TARGET,
): Record<string, string> {
  return Object.fromEntries(
    IN_MESH.map((name) => [name, moved.includes(name) ? `${target}@${NEW}` : `${mesh}@${OLD}`]),
  );
}

/** Everything is on the old revision, by its pods and by istiod's account. */
export function allOld(mesh: MeshRevision): AfterAct {
  return { dataPlane: dataPlane(mesh, []), connected: { [mesh]: 'all' } };
}

/** Everything is on the target. */
export function allNew(target: string = TARGET): AfterAct {
  return { dataPlane: dataPlane('default', IN_MESH, target), connected: { [target]: 'all' } };
}

/** A rollback has brought the cluster back to what it was, to the last object. */
export function wayBack(mesh: MeshRevision, to = 'start') {
  return { outcome: 'rolled-back', state: 'rolled-back', same: to, ...allOld(mesh) } as const;
}

const SHOP = { 'app.kubernetes.io/part-of': 'shop' };

/** The labels of the shop's namespaces as they are applied. */
export function labels(mesh: MeshRevision): Record<string, Record<string, string>> {
  return {
    catalog: { 'istio.io/rev': mesh, ...SHOP },
    checkout: { 'istio-injection': 'enabled', ...SHOP },
    legacy: { 'istio-injection': 'enabled', 'istio.io/rev': mesh, ...SHOP },
    outside: SHOP,
    storefront: { 'istio.io/rev': mesh, ...SHOP },
  };
}

/** The same with some of them moved. */
export function labelsMoved(
  mesh: MeshRevision,
  moved: readonly string[],
  target: string = TARGET,
): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels(mesh)).map(([name, own]) => [
      name,
      moved.includes(name) ? { 'istio.io/rev': target, ...SHOP } : own,
    ]),
  );
}

/** A canary of some namespaces, which then are on the target and the others not. */
export function canaryOf(chosen: string, moved: readonly string[], mesh: MeshRevision = '1-30-3'): RunAct {
  return {
    run: 'canary',
    inputs: { 'canary-namespaces': chosen },
    then: {
      outcome: 'succeeded',
      state: 'canary',
      dataPlane: dataPlane(mesh, moved),
      labels: labelsMoved(mesh, moved),
      default: mesh,
    },
  };
}

/** The template of a gateway that no injector has made: its proxy was told by hand whom to ask. */
export const handWrittenGateway = (mesh: MeshRevision) => ({
  metadata: { labels: { app: 'edge', 'sidecar.istio.io/inject': 'false' } },
  spec: {
    containers: [
      {
        name: 'istio-proxy',
        image: `docker.io/istio/proxyv2:${OLD}`,
        args: ['proxy', 'router'],
        env: [
          {
            name: 'PROXY_CONFIG',
            value: JSON.stringify({ discoveryAddress: `istiod-${mesh}.istio-system.svc:15012` }),
          },
        ],
      },
    ],
  },
});

/** A CronJob outside of the mesh, whose template alone says who injects its pods. */
export const pinnedCronJob = (mesh: MeshRevision) => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'nightly', namespace: 'outside' },
  spec: {
    schedule: '0 3 * * *',
    jobTemplate: {
      spec: {
        template: {
          metadata: { labels: { 'istio.io/rev': mesh, 'sidecar.istio.io/inject': 'true' } },
          spec: {
            containers: [{ name: 'app', image: 'registry.example/shop/job:1.0.0' }],
            restartPolicy: 'Never',
          },
        },
      },
    },
  },
});

/**
 * Labels that the user's Git owns stay as they are, though they name what is gone: one that has no effect beside
 * istio-injection, and those that name the default tag, as the revision of a control plane without revision is called too.
 */
export const LABELLED_BY_USERS: Readonly<Record<MeshRevision, readonly string[]>> = {
  '1-30-3': ['Namespace legacy'],
  default: ['Namespace catalog', 'Namespace legacy', 'Namespace storefront'],
};
