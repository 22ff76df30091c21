import { expect, test } from '@jest/globals';
import { configurationLost, defaultsChanged } from '../../../src/istio/configuration-loss.ts';
import { type Settings, settingsOf } from '../../../src/istio/settings.ts';

const of = (settings: Readonly<Record<string, string>>): Settings => new Map(Object.entries(settings));
const NONE = of({});

test.each<[what: string, live: Settings, known: Settings, coming: Settings, lost: string[]]>([
  ['nothing differs', of({ a: '1' }), of({ a: '1' }), of({ a: '1' }), []],
  ['what was set is not given again', of({ a: '1' }), NONE, NONE, ['a']],
  ['another value is given', of({ a: '1' }), of({ a: '2' }), of({ a: '2' }), ['a']],
  ['a value is new', NONE, of({ a: '1' }), of({ a: '1' }), ['a']],
  ['the new release makes it so by itself', of({ a: '1' }), of({ a: '0' }), of({ a: '1' }), []],
  ['the release changes a default', of({ a: '1' }), of({ a: '1' }), of({ a: '2' }), []],
])('H52: %s', (_, live, known, coming, lost) => {
  const findings = configurationLost({ live, known, coming }, []);
  expect(findings.map(({ object, severity }) => [object, severity])).toEqual(
    lost.map((key) => [key, 'error']),
  );
});

test('what is acknowledged by its key is told, and no more', () => {
  const weighed = { live: of({ a: '1', b: '1' }), known: NONE, coming: NONE };
  expect(configurationLost(weighed, ['b']).map(({ object, severity }) => [object, severity])).toEqual([
    ['a', 'error'],
    ['b', 'warning'],
  ]);
});

test('a gateway that is left out is told as a whole, and one that lost a port by its port', () => {
  const live = of({ 'gateways.edge.ports.80': 'http', 'gateways.edge.ports.31400': 'tcp' });
  expect(configurationLost({ live, known: NONE, coming: NONE }, [])).toEqual([]);
  const coming = of({ 'gateways.edge.ports.80': 'http' });
  const lost = configurationLost({ live, known: coming, coming }, []);
  expect(lost.map(({ object }) => object)).toEqual(['gateways.edge.ports.31400']);
});

test('H53: a default that the release changes is shown', () => {
  const weighed = { live: of({ a: '1' }), known: of({ a: '1' }), coming: of({ a: '2' }) };
  expect(defaultsChanged(weighed).map(({ object, message }) => [object, message])).toEqual([
    ['a', 'the release changes it from "1" to "2"'],
  ]);
  expect(defaultsChanged({ ...weighed, live: of({ a: '3' }) })).toEqual([]);
});

test('promise 10: what may be secret is not shown', () => {
  const live = of({
    'env.A': 'hunter2',
    'values.global.apiToken': 'hunter2',
    'meshConfig.x': 'y'.repeat(100),
  });
  const told = configurationLost({ live, known: NONE, coming: NONE }, []);
  expect(told).toHaveLength(3);
  expect(told.map(({ message }) => message).join()).not.toMatch(/hunter2|yyy/);
});

const mesh = (text: string) => ({ kind: 'ConfigMap', metadata: { name: 'istio' }, data: { mesh: text } });
const istiod = (container: object) => ({
  kind: 'Deployment',
  metadata: { name: 'istiod' },
  spec: { template: { spec: { containers: [{ name: 'discovery', ...container }] } } },
});

test('settings are the same of what is rendered and of what the API server made of it', () => {
  const rendered = [
    mesh('accessLogFile: /dev/stdout\ndefaultConfig:\n  a: 1\n'),
    istiod({ env: [{ name: 'A' }, { name: 'B', value: 'x' }], resources: { requests: { cpu: '0.5' } } }),
  ];
  const live = [
    mesh('defaultConfig: {a: 1}\naccessLogFile: "/dev/stdout"'),
    istiod({
      env: [
        { name: 'B', value: 'x' },
        { name: 'A', value: '' },
        { name: 'P', valueFrom: { fieldRef: {} } },
      ],
      resources: { requests: { cpu: '500m' } },
    }),
  ];
  const sorted = (objects: readonly unknown[]) => [...settingsOf(objects)].sort();
  expect(sorted(live)).toEqual(sorted(rendered));
  expect(settingsOf(live).get('meshConfig.defaultConfig.a')).toBe('1');
  expect(settingsOf(live).get('env.B')).toBe('x');
});

test('the version itself is no setting, and a text that is no YAML is one', () => {
  const values = (text: string) => ({
    kind: 'ConfigMap',
    metadata: { name: 'istio-sidecar-injector' },
    data: { values: text },
  });
  expect([...settingsOf([values('{"global":{"tag":"1.31.0","proxy":{"image":"a/b:c"}}}')])]).toEqual([]);
  expect([...settingsOf([values('{"a": [')])].map(([key]) => key)).toEqual(['values']);
});

test('ports of gateways that istioctl installs are settings; other Services are passed over', () => {
  const service = (component: string) => ({
    kind: 'Service',
    metadata: { name: 'edge', labels: { 'operator.istio.io/component': component } },
    spec: { ports: [{ name: 'tcp', port: 31400, targetPort: 31400, nodePort: 30001 }] },
  });
  expect([...settingsOf([service('IngressGateways')])]).toEqual([
    ['gateways.edge.ports.31400', 'tcp to 31400'],
  ]);
  expect([...settingsOf([service('Pilot')])]).toEqual([]);
});
