import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { scratch } from '../../support/scratch.ts';

const INJECT = 'sidecar.istio.io/inject';

let cluster: Embedded;
let file: string;
beforeAll(async () => {
  cluster = await startEmbedded({ revision: '' });
  file = join(scratch('embedded-wants'), 'config.yaml');
  const sidecarInjectorWebhook = {
    enableNamespacesByDefault: true,
    neverInjectSelector: [{ matchLabels: { job: 'yes' } }],
    alwaysInjectSelector: [{ matchLabels: { always: 'yes' } }],
  };
  writeFileSync(
    file,
    stringify({
      apiVersion: 'install.istio.io/v1alpha1',
      kind: 'IstioOperator',
      spec: { profile: 'minimal', values: { sidecarInjectorWebhook, pilot: { env: { A_B: 1 } } } },
    }),
  );
  await must('install', '-f', file, '--revision', 'a', '-y');
  await must(
    'install',
    '--set',
    'profile=minimal',
    '--set',
    'values.global.proxy.autoInject=disabled',
    '--revision',
    'off',
    '-y',
  );
  for (const [name, labels] of [
    ['kube-system', { 'istio.io/rev': 'a' }],
    ['on', { 'istio.io/rev': 'a' }],
    ['off', { 'istio.io/rev': 'off' }],
    ['plain', {}],
  ] as const) {
    if (name === 'kube-system') cluster.patch('Namespace', name, undefined, { metadata: { labels } });
    else cluster.create({ kind: 'Namespace', metadata: { name, labels } });
  }
  await cluster.settled();
}, 60_000);
afterAll(() => cluster.close());

async function must(...args: string[]): Promise<void> {
  const { code, stderr } = await cluster.istioctl('1.31.0', ...args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

let pods = 0;

/** Whether a pod of that namespace gets a sidecar. */
function injected(namespace: string, metadata: object, spec: object = {}): boolean {
  const name = `pod-${++pods}`;
  cluster.create({
    kind: 'Pod',
    metadata: { name, namespace, ...metadata },
    spec: { containers: [{ name: 'app', image: 'app:1' }], ...spec },
  });
  const pod = cluster.get('Pod', name, namespace)!;
  return (pod.spec.initContainers ?? []).some((container) => container.name === 'istio-proxy');
}

describe('istiod itself decides whom it injects (M27)', () => {
  test.each<[string, boolean, string, object, object?]>([
    ['a pod that says nothing', true, 'on', {}],
    ['a system namespace', false, 'kube-system', { labels: { [INJECT]: 'true' } }],
    ['the host’s network', false, 'on', { labels: { [INJECT]: 'true' } }, { hostNetwork: true }],
    ['the word no', false, 'on', { labels: { [INJECT]: 'no' } }],
    ['the word Yes', true, 'on', { labels: { [INJECT]: 'Yes' } }],
    ['any other word', false, 'on', { annotations: { [INJECT]: 'maybe' } }],
    [
      'the label over the annotation',
      true,
      'on',
      { labels: { [INJECT]: 'true' }, annotations: { [INJECT]: 'false' } },
    ],
    ['neverInjectSelector', false, 'on', { labels: { job: 'yes' } }],
    ['neverInjectSelector over alwaysInjectSelector', false, 'on', { labels: { job: 'yes', always: 'yes' } }],
    ['its own word over neverInjectSelector', true, 'on', { labels: { job: 'yes', [INJECT]: 'true' } }],
    ['autoInject: disabled', false, 'off', {}],
    ['autoInject: disabled, and asked for', true, 'off', { annotations: { [INJECT]: 'true' } }],
  ])('%s: %s', (_, expected, namespace, metadata, spec: object = {}) => {
    expect(injected(namespace, metadata, spec)).toBe(expected);
  });
});

describe('enableNamespacesByDefault (M06)', () => {
  test('injects in namespaces without labels', () => {
    expect(injected('plain', {})).toBe(true);
  });

  test('is dropped by `tag set default` unless it is told to keep it', async () => {
    await must('tag', 'set', 'default', '--revision', 'a', '--overwrite');
    expect(injected('plain', {})).toBe(false);
    await must('tag', 'set', 'default', '--revision', 'a', '--overwrite', '--auto-inject-namespaces');
    expect(injected('plain', {})).toBe(true);
  });
});

test('what is set is seen in istiod’s environment and ConfigMaps (M14)', () => {
  const [container] = cluster.get('Deployment', 'istiod-a', 'istio-system')!.spec.template.spec.containers;
  expect(container?.env).toContainEqual({ name: 'A_B', value: '1' });
  const values = cluster.get('ConfigMap', 'values-a', 'istio-system')?.data?.['merged-values'];
  expect(JSON.parse(values ?? '')).toMatchObject({ pilot: { env: { A_B: 1 } } });
});
