import { expect, test } from '@jest/globals';
import { heeded, play, undisturbed } from '../../meshes/play.ts';
import type { Story } from '../../meshes/story.ts';
import { look } from '../../meshes/look.ts';
import { Watching } from '../../meshes/moments.ts';
import { World } from '../../meshes/world.ts';

const canary = { run: 'canary', inputs: { 'canary-namespaces': 'first' } } as const;
const story: Story = {
  seed: 1,
  index: 1,
  engine: 'sources',
  form: '1-30-3',
  features: [],
  acts: [
    { ...canary, during: { write: 6, when: 'after', by: 'kill' } },
    canary,
    { run: 'rollback', inputs: {} },
  ],
};

test('a canary that is killed, made again and rolled back breaks no rule', async () => {
  const { found, lines } = await play(story);
  expect(found).toEqual([]);
  expect(lines[0]).toMatch(/killed$/);
  expect(lines[2]).toMatch(/rolled-back/);
}, 60_000);

test('the undisturbed twin has each run once, and none where others act', () => {
  expect(undisturbed(story)?.acts).toEqual([canary, { run: 'rollback', inputs: {} }]);
  expect(
    undisturbed({ ...story, acts: [...story.acts, { actor: 'drain', namespace: 'first' }] }),
  ).toBeUndefined();
  expect(undisturbed({ ...story, acts: [canary] })).toBeUndefined();
});

test('what a run says is to be done is read off its errors', () => {
  const remedies = [
    'Give it back (`kubectl label namespace a istio-injection- istio.io/rev=old --overwrite`), or not.',
    'Replace it, or accept that it stays behind: allow-stragglers: a/p',
    'If nobody has, delete it with `kubectl delete configmap istio-upgrade -n istio-system` and go on.',
    'Give version: 1.31.0. To roll back a downgrade to 1.30.3, give allow-downgrade: true.',
    'kubectl delete pod p-1 -n a: its controller then makes a new one.',
    'Delete them. Or accept it with acknowledge: proxies-newer-than-control-plane',
    'Look at it.',
  ];
  const findings = remedies.map((remedy) => ({ id: 'x', severity: 'error', message: '', remedy }));
  expect(heeded({ findings })).toEqual({
    acts: [
      { actor: 'label', namespace: 'a', key: 'istio-injection', value: null },
      { actor: 'label', namespace: 'a', key: 'istio.io/rev', value: 'old' },
      { actor: 'record', with: null },
      { actor: 'delete', object: 'Pod a/p-1' },
    ],
    stragglers: ['a/p'],
    acknowledges: ['proxies-newer-than-control-plane'],
    allowsDowngrade: true,
  });
  const warnings = findings.map((finding) => ({ ...finding, severity: 'warning' }));
  expect(heeded({ findings: warnings })).toEqual({
    acts: [],
    stragglers: [],
    acknowledges: [],
    allowsDowngrade: false,
  });
});

test('the oracle tells this mesh from another, and who is connected to whom', async () => {
  const world = await World.start({ form: 'default', features: ['second-mesh', 'unlabelled'] });
  try {
    const { answers, pods } = await look(world);
    expect(answers['Deployment bluehome/blue']).toMatchObject({
      kind: 'injected',
      revision: 'blue',
      home: 'istio-blue',
    });
    expect(answers['Namespace first']).toMatchObject({
      kind: 'injected',
      revision: 'default',
      home: 'istio-system',
    });
    expect(answers['Namespace outside']).toMatchObject({ kind: 'none' });
    expect(pods.find(({ owner }) => owner === 'Deployment first/web')).toMatchObject({
      ready: true,
      connected: 'default',
      synced: true,
    });
  } finally {
    await world.close();
  }
}, 60_000);

test('a gateway without a ready pod is seen at the moment when it has none', async () => {
  const world = await World.start({ form: 'default', features: ['injected-gateway', 'api-gateway'] });
  try {
    const watching = new Watching(world);
    world.cluster.patch('Deployment', 'ingress', 'edge', { spec: { replicas: 0 } });
    await world.quiet();
    world.cluster.patch('Deployment', 'ingress', 'edge', { spec: { replicas: 1 } });
    await world.quiet();
    expect(watching.stop()).toEqual({
      unserved: ['Deployment edge/ingress had no ready pod at an istiod'],
      newer: [],
    });
  } finally {
    await world.close();
  }
}, 60_000);
