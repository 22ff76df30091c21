import { expect, test } from '@jest/globals';
import { appliedPart } from '../../../src/istio/applied-fields.ts';
import { type Naming, liveSettingsOf, settingsOf } from '../../../src/istio/settings.ts';

const NAMING: Naming = {
  istioNamespace: 'istio-system',
  versions: ['1.30.3', '1.31.0'],
  kinds: ['ConfigMap', 'Deployment', 'Service', 'HorizontalPodAutoscaler'],
};

const object = (kind: string, name: string, rest: object, metadata: object = {}) => ({
  kind,
  metadata: { name, namespace: 'istio-system', ...metadata },
  ...rest,
});
const entries = (objects: readonly object[], naming = NAMING) =>
  Object.fromEntries(settingsOf(objects, naming));
const managed = (fieldsV1: object, manager = 'istio-operator') => ({
  managedFields: [{ manager, operation: 'Apply', fieldsV1 }],
});

test('settings are the same of what is rendered and of what the API server made of it', () => {
  const container = (rest: object) => ({
    spec: { template: { spec: { containers: [{ name: 'discovery', ...rest }] } } },
  });
  const rendered = [
    object('ConfigMap', 'istio', { data: { mesh: 'accessLogFile: /dev/stdout\ndefaultConfig:\n  a: 1\n' } }),
    object(
      'Deployment',
      'istiod',
      container({
        env: [
          { name: 'A', value: '' },
          { name: 'B', value: 'x' },
          { name: 'P', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        ],
        ports: [{ containerPort: 8080 }],
        resources: { requests: { cpu: '0.5', memory: '2048Mi' } },
      }),
    ),
  ];
  const live = [
    object('ConfigMap', 'istio', { data: { mesh: 'defaultConfig: {a: 1}\naccessLogFile: "/dev/stdout"' } }),
    object(
      'Deployment',
      'istiod',
      container({
        env: [
          { name: 'P', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
          { name: 'B', value: 'x' },
          { name: 'A' },
        ],
        ports: [{ containerPort: 8080, protocol: 'TCP' }],
        resources: { requests: { cpu: '500m', memory: '2Gi' } },
      }),
    ),
  ];
  expect(entries(live)).toEqual(entries(rendered));
  const at = 'Deployment/istiod:spec.template.spec.containers[discovery]';
  expect(entries(live)).toMatchObject({
    'meshConfig.defaultConfig.a': '1',
    [`${at}.env[A]`]: '',
    [`${at}.env[B]`]: 'x',
    [`${at}.ports[8080]`]: '',
    [`${at}.resources.requests.cpu`]: '0.5',
  });
});

test('two ports of one number are told apart by their protocol', () => {
  const ports = [
    { name: 'https', port: 443, targetPort: 8443 },
    { name: 'quic', port: 443, protocol: 'UDP', targetPort: 8443 },
  ];
  expect(entries([object('Service', 'edge', { spec: { ports } })])).toMatchObject({
    'Service/edge:spec.ports[443].name': 'https',
    'Service/edge:spec.ports[443/UDP].name': 'quic',
  });
});

test('the release itself is no setting; hub, variant and another version are', () => {
  const image = (text: string) =>
    entries([object('Deployment', 'istiod', { spec: { containers: [{ name: 'discovery', image: text }] } })])[
      'Deployment/istiod:spec.containers[discovery].image'
    ];
  expect(image('hub/pilot:1.30.3')).toBe(image('hub/pilot:1.31.0'));
  expect(image('hub/pilot:1.30.3')).not.toBe(image('other/pilot:1.31.0'));
  expect(image('hub/pilot:1.30.3')).not.toBe(image('hub/pilot:1.31.0-distroless'));
  expect(image('hub/pilot:1.30.3')).not.toBe(image('hub/pilot:1.29.0'));
});

test('what install adds, the ConfigMap of values, tags, and kinds that were not read are passed over', () => {
  const labels = { 'operator.istio.io/version': '1.30.3', 'istio.io/rev': 'default', mine: 'x' };
  expect(
    entries([
      object('Service', 'edge', {}, { labels }),
      object('ConfigMap', 'values', { data: { a: 'b' } }),
      object(
        'Service',
        'istiod-revision-tag-default',
        { spec: {} },
        { labels: { 'istio.io/tag': 'default' } },
      ),
      object('Role', 'istiod', { rules: [] }),
    ]),
  ).toEqual({ 'Service/edge': 'there', 'Service/edge:metadata.labels.mine': 'x' });
});

test('the account of the base is not of one control plane: the uninstall of any takes it along', () => {
  const naming = { ...NAMING, kinds: ['ServiceAccount'] };
  const [base, own] = ['istio-reader-service-account', 'istiod'].map((name) =>
    object('ServiceAccount', name, {}),
  );
  expect(entries([base!, own!], naming)).toEqual({ 'ServiceAccount/istiod': 'there' });
});

test('a text that is no YAML is one setting', () => {
  expect(
    entries([object('ConfigMap', 'istio-sidecar-injector', { data: { values: '{"a": [' } })]),
  ).toMatchObject({
    values: '{"a": [',
  });
});

test('an object elsewhere is named with its namespace', () => {
  expect(Object.keys(entries([object('Service', 'edge', {}, { namespace: 'gateways' })]))).toEqual([
    'Service/gateways/edge',
  ]);
});

test('of a revision the names are those without one', () => {
  const of = (revision: string, suffix: string) =>
    Object.keys(
      entries(
        [
          object('Deployment', `istiod${suffix}`, { spec: { a: 1 } }),
          object('ConfigMap', `istio${suffix}`, { data: { mesh: '{a: 1}' } }),
        ],
        { ...NAMING, revision },
      ),
    );
  expect(of('1-30-3', '-1-30-3')).toEqual([
    'Deployment/istiod',
    'Deployment/istiod:spec.a',
    'ConfigMap/istio',
    'meshConfig.a',
  ]);
  expect(of('default', '')).toEqual(of('1-31-0', '-1-31-0'));
});

test('of a live object istioctl has applied what managedFields says, and what its texts hold', () => {
  const fields = {
    'f:metadata': { 'f:annotations': {}, 'f:labels': { 'f:a': {} } },
    'f:spec': {
      'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} } },
      'f:selector': {},
    },
  };
  const service = object(
    'Service',
    'edge',
    {
      spec: {
        clusterIP: '10.0.0.1',
        ports: [
          { name: 'http', port: 80, protocol: 'TCP', nodePort: 30001 },
          { name: 'mine', port: 81, protocol: 'TCP' },
        ],
        selector: { app: 'edge' },
      },
    },
    { labels: { a: 'b', c: 'd' }, annotations: { by: 'hand' }, ...managed(fields) },
  );
  expect(appliedPart(service)).toEqual({
    metadata: { annotations: {}, labels: { a: 'b' } },
    spec: { ports: [{ name: 'http', port: 80 }], selector: { app: 'edge' } },
  });
  const { applied, whole } = liveSettingsOf([service], NAMING);
  expect([...applied.keys()]).toEqual([
    'Service/edge',
    'Service/edge:spec.ports[80].name',
    'Service/edge:spec.selector',
    'Service/edge:metadata.labels.a',
  ]);
  expect([...whole.keys()]).toContain('Service/edge:spec.ports[81].name');
});

test('an object that istioctl has not applied is none of an installation', () => {
  const mine = object('Service', 'mine', { spec: { a: 1 } }, managed({ 'f:spec': { 'f:a': {} } }, 'kubectl'));
  expect([...liveSettingsOf([mine], NAMING).applied]).toEqual([]);
  const mesh = object('ConfigMap', 'istio', { data: { mesh: 'a: 1' } }, managed({ 'f:data': {} }, 'kubectl'));
  expect([...liveSettingsOf([mesh], NAMING).applied.keys()]).toEqual(['meshConfig.a']);
});
