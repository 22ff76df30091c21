import { describe, expect, test } from '@jest/globals';
import { type ClusterObject, IGNORED_KINDS, RULES, normalise } from '../../support/normalise.ts';

const namespace = (labels: object, annotations?: object): ClusterObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels, ...(annotations === undefined ? {} : { annotations }) },
});

const deployment = (template: object, annotations = {}, spec = {}): ClusterObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'cart', namespace: 'shop', annotations },
  spec: {
    replicas: 2,
    template: { metadata: template, spec: { containers: [{ image: 'cart:1' }] } },
    ...spec,
  },
});

const webhook = (clientConfig: object, namespaceSelector: object): ClusterObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'istio-sidecar-injector' },
  webhooks: [{ name: 'x', clientConfig, namespaceSelector }],
});

const configMap = (name: string, annotations: object, data: object): ClusterObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'istio-system', annotations },
  data,
});

const definition = (name: string, version: string): ClusterObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name, labels: { 'operator.istio.io/version': version } },
  spec: { names: version },
});

describe('two snapshots are equal', () => {
  test.each<[string, ClusterObject[], ClusterObject[]]>([
    ['without the record', [configMap('istio-upgrade', {}, { record: '{}' })], []],
    [
      'without this Action’s annotations, on objects and templates',
      [
        namespace({ a: 'b' }, { 'istio-upgrade/original-labels': '{}' }),
        deployment({ annotations: { 'istio-upgrade/restarted-for': 'x' } }),
      ],
      [namespace({ a: 'b' }), deployment({})],
    ],
    [
      'without what counts restarts',
      [deployment({}, { 'deployment.kubernetes.io/revision': '3' })],
      [deployment({}, { 'deployment.kubernetes.io/revision': '1' })],
    ],
    ['without CA bundles', [webhook({ caBundle: 'a' }, {})], [webhook({ caBundle: 'b' }, {})]],
    [
      'without the content of the base CRDs',
      [definition('gateways.networking.istio.io', '1.30.3')],
      [definition('gateways.networking.istio.io', '1.31.0')],
    ],
    [
      'without the leaders',
      [configMap('istio-leader', { 'control-plane.alpha.kubernetes.io/leader': 'a' }, {})],
      [configMap('istio-leader', { 'control-plane.alpha.kubernetes.io/leader': 'b' }, {})],
    ],
    [
      'whatever the API server and the controllers count',
      [
        {
          ...namespace({}),
          metadata: { name: 'shop', labels: {}, uid: 'a', resourceVersion: '1' },
          status: {},
        },
      ],
      [
        {
          ...namespace({}),
          metadata: { name: 'shop', labels: {}, uid: 'b', generation: 2, managedFields: [] },
        },
      ],
    ],
    ['in whatever order', [namespace({}), deployment({})], [deployment({}), namespace({})]],
  ])('%s', (_, one, other) => {
    expect(normalise(one)).toEqual(normalise(other));
  });
});

describe('two snapshots differ', () => {
  test.each<[string, ClusterObject[], ClusterObject[]]>([
    ['in a label of a namespace', [namespace({ 'istio.io/rev': 'a' })], [namespace({ 'istio.io/rev': 'b' })]],
    ['in a label that is there and empty', [namespace({ x: '' })], [namespace({})]],
    ['in an annotation of somebody else', [namespace({}, { 'istio.io/x': '1' })], [namespace({})]],
    [
      'in a webhook’s selector',
      [webhook({}, { matchLabels: { a: 'b' } })],
      [webhook({}, { matchLabels: { a: 'c' } })],
    ],
    [
      'in the Service that a webhook asks',
      [webhook({ service: { name: 'istiod' } }, {})],
      [webhook({ service: { name: 'istiod-1-31-0' } }, {})],
    ],
    [
      'in a template’s annotation of somebody else',
      [deployment({ annotations: { 'kubectl.kubernetes.io/restartedAt': 'x' } })],
      [deployment({})],
    ],
    ['in a template’s label', [deployment({ labels: { 'istio.io/rev': 'x' } })], [deployment({})]],
    ['in replicas', [deployment({}, {}, { replicas: 1 })], [deployment({})]],
    ['in an object that is there', [namespace({}), deployment({})], [namespace({})]],
    [
      'in the data of a ConfigMap',
      [configMap('istio', {}, { mesh: 'a' })],
      [configMap('istio', {}, { mesh: 'b' })],
    ],
    ['in a base CRD that is gone', [definition('gateways.networking.istio.io', 'x')], []],
    ['in a CRD of somebody else', [definition('a.example', 'x')], [definition('a.example', 'y')]],
    [
      'in the API group of an object',
      [{ apiVersion: 'a/v1', kind: 'Gateway', metadata: { name: 'x' } }],
      [{ apiVersion: 'b/v1', kind: 'Gateway', metadata: { name: 'x' } }],
    ],
  ])('%s', (_, one, other) => {
    expect(normalise(one)).not.toEqual(normalise(other));
  });
});

test('everything that is dropped has its reason', () => {
  const reasons = [...RULES.map(({ because }) => because), ...Object.values(IGNORED_KINDS)];
  expect(reasons.every((reason) => reason.length > 10)).toBe(true);
});
