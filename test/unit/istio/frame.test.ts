import { describe, expect, test } from '@jest/globals';
import type { KubernetesObject, WorkloadObject } from '../../../src/cluster/objects.ts';
import { type FrameObjects, frameOf } from '../../../src/istio/frame.ts';
import type { OwnedKind } from '../../../src/istio/mesh.ts';
import { sharedComponentOf } from '../../../src/istio/shared-component.ts';
import { NEW, OLD, foreignWebhook, revisionWebhook, tagWebhook } from '../../support/mesh.ts';

const none: FrameObjects = {
  istioNamespace: 'istio-system',
  systemDeployments: [],
  systemServices: [],
  mutating: [],
  validating: [],
  namespaces: [],
  gateways: [],
  owned: [],
};
const labelled = { 'istio.io/rev': OLD.revision };

function ownedNames(
  kind: OwnedKind,
  items: readonly KubernetesObject[],
  changes: Partial<FrameObjects> = {},
): string[] {
  return frameOf({ ...none, ...changes, owned: [[kind, items]] }).owned.map(({ name }) => name);
}

describe("M03: another mesh's webhooks", () => {
  const blue = foreignWebhook('blue', 'istio-blue');
  const sameName = foreignWebhook(OLD.revision, 'istio-blue');
  const namespaces = [
    { metadata: { name: 'ours', labels: labelled } },
    { metadata: { name: 'theirs', labels: { 'istio.io/rev': 'blue' } } },
  ];
  const frame = frameOf({
    ...none,
    namespaces,
    mutating: [revisionWebhook(OLD.revision), tagWebhook('default', OLD.revision), blue, sameName],
  });

  test('are told apart by the namespace of the Service that they ask', () => {
    expect(new Set(frame.injectors.map(({ istioNamespace }) => istioNamespace))).toEqual(
      new Set(['istio-system']),
    );
    expect(new Set(frame.foreignInjectors.map(({ configuration }) => configuration))).toEqual(
      new Set([blue.metadata.name, sameName.metadata.name]),
    );
  });

  test('inject nothing of ours', () => {
    expect(frame.namespaces).toMatchObject([
      { name: 'ours', injectedBy: [OLD.revision], foreign: [`${OLD.revision} in istio-blue`] },
      { name: 'theirs', injectedBy: [], foreign: ['blue in istio-blue'] },
    ]);
    expect(frame.defaultInjector).toEqual([OLD.revision]);
  });

  test('one that asks a URL is of another cluster', () => {
    const outside = frameOf({ ...none, mutating: [foreignWebhook('blue', undefined)] });
    expect(outside.injectors).toEqual([]);
    expect(outside.foreignInjectors[0]).toMatchObject({ revision: 'blue', istioNamespace: undefined });
  });

  test('a tag of another mesh is no tag of ours', () => {
    const { webhooks = [], ...tag } = tagWebhook('prod', OLD.revision);
    const clientConfig = { service: { name: 'istiod', namespace: 'istio-blue' } };
    const theirs = { ...tag, webhooks: webhooks.map((webhook) => ({ ...webhook, clientConfig })) };
    expect(frameOf({ ...none, mutating: [theirs] }).tags).toEqual([]);
    expect(frameOf({ ...none, mutating: [tagWebhook('prod', OLD.revision)] }).tags).toMatchObject([
      { tag: 'prod' },
    ]);
  });
});

describe('an istiod', () => {
  const rolls = (strategy: object | undefined, replicas: number): boolean => {
    const istiod = {
      metadata: { name: 'istiod', namespace: 'istio-system', labels: { ...labelled, app: 'istiod' } },
      spec: { replicas, strategy, template: { spec: { containers: [] } } },
    } as WorkloadObject;
    return frameOf({ ...none, systemDeployments: [istiod] }).planes[0]?.stopsToRoll !== true;
  };

  test('stops to roll where its strategy takes all its pods at once', () => {
    expect(rolls(undefined, 1)).toBe(true);
    expect(rolls({ rollingUpdate: { maxSurge: '100%', maxUnavailable: '25%' } }, 1)).toBe(true);
    expect(rolls({ rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }, 2)).toBe(true);
    expect(rolls({ rollingUpdate: { maxSurge: 0, maxUnavailable: '100%' } }, 2)).toBe(false);
    expect(rolls({ type: 'Recreate' }, 2)).toBe(false);
  });
});

describe('what istioctl installed for a revision', () => {
  const mutating = [foreignWebhook(OLD.revision, 'istio-blue')];

  test('tells by which release it was written last', () => {
    const of = (labels: object) => ({ metadata: { name: 'istiod', labels: { ...labelled, ...labels } } });
    const { owned } = frameOf({
      ...none,
      owned: [['ServiceAccount', [of({ 'operator.istio.io/version': '1.31.0' }), of({})]]],
    });
    expect(owned.map(({ installedAs }) => installedAs)).toEqual(['1.31.0', undefined]);
  });

  test('so do the objects of the default tag', () => {
    const marks = (version: string) => ({ ...labelled, 'operator.istio.io/version': version });
    const tag = tagWebhook('default', OLD.revision);
    const ofTag = (name: string, version: string) => ({
      metadata: { name, labels: { ...marks(version), 'istio.io/tag': 'default' } },
      spec: {},
    });
    const { defaultInstalledAs } = frameOf({
      ...none,
      mutating: [
        { ...tag, metadata: { ...tag.metadata, labels: { ...tag.metadata.labels, ...marks('1.31.0') } } },
        revisionWebhook(OLD.revision),
      ],
      systemServices: [
        ofTag('istiod-revision-tag-default', '1.30.3'),
        { metadata: { name: 'istiod' }, spec: {} },
      ],
      validating: [{ metadata: { name: 'istiod-default-validator', labels: marks('1.30.4') } }],
    });
    expect(defaultInstalledAs).toEqual(['1.31.0', '1.30.3', '1.30.4']);
  });

  test('is told by its label, not by a list of names (M31), and a tag is not among it', () => {
    const items = [
      { metadata: { name: 'something-new', namespace: 'istio-system', labels: labelled } },
      {
        metadata: { name: 'tag', namespace: 'istio-system', labels: { ...labelled, 'istio.io/tag': 'prod' } },
      },
      { metadata: { name: 'unlabelled', namespace: 'istio-system' } },
    ];
    expect(ownedNames('ConfigMap', items)).toEqual(['something-new']);
  });

  test("M03: not another mesh's webhooks, roles and bindings of the same revision", () => {
    expect(ownedNames('MutatingWebhookConfiguration', [revisionWebhook(OLD.revision), ...mutating])).toEqual([
      `istio-sidecar-injector-${OLD.revision}`,
    ]);
    const binding = (name: string, namespace: string) =>
      ({ metadata: { name, labels: labelled }, subjects: [{ namespace }] }) as KubernetesObject;
    expect(
      ownedNames('ClusterRoleBinding', [binding('ours', 'istio-system'), binding('theirs', 'istio-blue')]),
    ).toEqual(['ours']);
    const role = (name: string) => ({ metadata: { name, labels: labelled } });
    expect(
      ownedNames(
        'ClusterRole',
        [role('istiod-clusterrole-istio-system'), role('istiod-clusterrole-istio-blue')],
        { mutating },
      ),
    ).toEqual(['istiod-clusterrole-istio-system']);
  });
});

describe('what all revisions share, and gateways', () => {
  const daemonSet = (name: string, namespace: string, labels = {}): WorkloadObject => ({
    metadata: { name, namespace, labels },
    spec: { template: { spec: { containers: [] } } },
  });

  test.each([
    ['by its name', daemonSet('istio-cni-node', 'kube-system'), 'cni'],
    ['by its component', daemonSet('cni', 'kube-system', { 'operator.istio.io/component': 'Cni' }), 'cni'],
    ['by its own label', daemonSet('cni', 'openshift', { 'k8s-app': 'istio-cni-node' }), 'cni'],
    ['ztunnel', daemonSet('ztunnel', 'istio-system'), 'ztunnel'],
    ['not another', daemonSet('fluentd', 'kube-system'), undefined],
  ])('M30: CNI in whatever namespace, %s', (_, object, expected) => {
    expect(sharedComponentOf(object)?.kind).toBe(expected);
  });

  test('H54: what istioctl has installed for a revision goes with it; what Helm has installed with none', () => {
    const labels = { 'istio.io/rev': 'old', 'operator.istio.io/component': 'Cni' };
    const managed = { ...labels, 'operator.istio.io/managed': 'Reconcile' };
    expect(sharedComponentOf(daemonSet('istio-cni-node', 'kube-system', managed))?.goesWith).toBe('old');
    expect(sharedComponentOf(daemonSet('istio-cni-node', 'kube-system', labels))?.goesWith).toBeUndefined();
  });

  test('Gateways of an Istio class are of the mesh', () => {
    const frame = frameOf({
      ...none,
      gateways: [
        { metadata: { name: 'g', namespace: 'shop' }, spec: { gatewayClassName: 'istio' } },
        { metadata: { name: 'waypoint', namespace: 'shop' }, spec: { gatewayClassName: 'istio-waypoint' } },
        { metadata: { name: 'other', namespace: 'shop' }, spec: { gatewayClassName: 'nginx' } },
      ],
    });
    expect(frame.gateways).toEqual(['Gateway shop/waypoint']);
    expect(frame.apiGateways).toMatchObject([{ namespace: 'shop', name: 'g' }]);
  });

  test('a mesh of nothing has no default', () => {
    expect(frameOf({ ...none, mutating: [revisionWebhook(NEW.revision)] })).toMatchObject({
      planes: [],
      defaultInjector: [],
      defaultValidator: undefined,
      defaultService: undefined,
    });
  });
});
