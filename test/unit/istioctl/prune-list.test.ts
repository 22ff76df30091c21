import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { beyondRevision, nameOfObject } from '../../../src/istio/own-objects.ts';
import { readPruneList } from '../../../src/istioctl/prune-list.ts';
import { printed, recording } from './recording.ts';

type Version = '1.29.6' | '1.31.0';

function beyond(version: Version, name: string, revision: string, namespace = 'istio-system'): string[] {
  const list = readPruneList(recording(version, name));
  if (!list.readable) throw new Error(list.reason);
  return beyondRevision(list.objects, { revision, namespace }).map(nameOfObject);
}

const DEFAULT_TAG = [
  'Service istio-system/istiod-revision-tag-default',
  'MutatingWebhookConfiguration istio-revision-tag-default',
  'ValidatingWebhookConfiguration istiod-default-validator',
];
const GATEWAY = [
  'Deployment istio-system/istio-ingressgateway',
  'Service istio-system/istio-ingressgateway',
  'ServiceAccount istio-system/istio-ingressgateway-service-account',
  'RoleBinding istio-system/istio-ingressgateway-sds',
  'Role istio-system/istio-ingressgateway-sds',
];

describe('the list of what an uninstall deletes', () => {
  test('is read whole: namespaced, cluster-wide, core group and others', () => {
    const list = readPruneList(recording('1.31.0', '416'));
    expect(list.readable && list.objects).toHaveLength(20);
    expect(list.readable && list.objects.slice(0, 2)).toEqual([
      { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'istio-system', name: 'istiod-canary' },
      { group: '', version: 'v1', kind: 'Service', namespace: 'istio-system', name: 'istiod-canary' },
    ]);
    expect(list.readable && list.objects.at(-1)).toMatchObject({
      kind: 'ClusterRoleBinding',
      namespace: undefined,
    });
  });

  test.each([
    ['1.29.6', '113'],
    ['1.29.6', '235'],
    ['1.31.0', '113'],
    ['1.31.0', '233'],
    ['1.31.0', '235'],
    ['1.31.0', '244'],
    ['1.31.0', '325'],
    ['1.31.0', '456'],
    ['1.31.0', '461'],
    ['1.31.0', '468'],
  ] as const)('has one object for each line (recording %s/%s)', (version, name) => {
    const answer = recording(version, name);
    const list = readPruneList(answer);
    expect(list.readable && list.objects.length).toBe(answer.stdout.split('Not pruning object').length - 1);
  });

  test('of releases that say deleting is read as well, and what they keep beside istiod is the revision’s own', () => {
    const stdout = [
      'Not deleting object IstioOperator:istio-system:installed-state-1-14-6 because of dry run.',
      'Not deleting object EnvoyFilter:istio-system:tcp-stats-filter-1.13-1-14-6 because of dry run.',
      'Not deleting object EnvoyFilter:istio-system:stats-filter-1.13 because of dry run.',
      'Not deleting object EnvoyFilter:istio-system:mine because of dry run.',
      '',
    ].join('\n');
    const list = readPruneList(printed({ stdout }));
    if (!list.readable) throw new Error(list.reason);
    const beyond = (revision: string): string[] =>
      beyondRevision(list.objects, { revision, namespace: 'istio-system' }).map(({ name }) => name);
    expect(beyond('1-14-6')).toEqual(['stats-filter-1.13', 'mine']);
    expect(beyond('default')).toEqual(['installed-state-1-14-6', 'tcp-stats-filter-1.13-1-14-6', 'mine']);
  });

  test('of 1.11 to 1.23 names kind, namespace and name', () => {
    const stdout = [
      'Not pruning object Deployment:istio-system:istiod-canary because of dry run.',
      'Not pruning object MutatingWebhookConfiguration::istio-sidecar-injector-canary because of dry run.',
      'Not pruning object ClusterRole:istiod-clusterrole-canary-istio-system because of dry run.',
      '',
    ].join('\n');
    const list = readPruneList(printed({ stdout }));
    expect(list.readable && list.objects.map(nameOfObject)).toEqual([
      'Deployment istio-system/istiod-canary',
      'MutatingWebhookConfiguration istio-sidecar-injector-canary',
      'ClusterRole istiod-clusterrole-canary-istio-system',
    ]);
    const cut = stdout.slice(0, stdout.indexOf('-canary-istio-system'));
    expect(readPruneList(printed({ stdout: cut }))).toMatchObject({ readable: false });
  });

  test('that says that there is nothing is empty', () => {
    expect(readPruneList(recording('1.31.0', '466'))).toEqual({ readable: true, objects: [] });
  });

  test.each([
    ['a revision that is not there', recording('1.31.0', '114')],
    ['silence', printed({})],
    ['only the last line', printed({ stderr: '\n✔ Uninstall complete' })],
    ['a real uninstall', recording('1.31.0', '418')],
    [
      'a list with one object in another form',
      printed({
        stdout: `${recording('1.31.0', '416').stdout}\nNot pruning object a:b because of dry run.\n`,
      }),
    ],
    ['a list and a failure', { ...recording('1.31.0', '416'), code: 1 }],
  ])('%s is none', (_what, answer) => {
    expect(readPruneList(answer).readable).toBe(false);
  });

  test('survives any text', () => {
    fc.assert(fc.property(fc.string(), (stdout) => void readPruneList(printed({ stdout }))));
  });
});

describe('what goes beyond one revision', () => {
  test('is nothing for a canary that took nothing over', () => {
    expect(beyond('1.31.0', '456', 'canary')).toEqual([]);
    expect(beyond('1.31.0', '468', 'alt', 'istio-alt')).toEqual([]);
  });

  test.each([
    ['1.29.6', '113', '1-29-6'],
    ['1.29.6', '235', 'canary'],
    ['1.31.0', '113', '1-31-0'],
    ['1.31.0', '235', 'canary'],
    ['1.31.0', '416', 'canary'],
  ] as const)(
    'is the default tag where the revision has it (T13, recording %s/%s)',
    (version, name, revision) => {
      expect(beyond(version, name, revision)).toEqual(DEFAULT_TAG);
    },
  );

  test('is the shared gateway (T17)', () => {
    expect(beyond('1.31.0', '244', 'canary')).toEqual(expect.arrayContaining(GATEWAY));
    expect(beyond('1.31.0', '233', 'default')).toEqual(expect.arrayContaining(GATEWAY));
  });

  test('of the control plane without revision is the gateway and nothing of its own', () => {
    expect(beyond('1.31.0', '233', 'default').filter((name) => !name.includes('ingressgateway'))).toEqual([]);
  });

  test('is CNI (H54)', () => {
    expect(beyond('1.31.0', '461', 'next')).toEqual(
      expect.arrayContaining(['DaemonSet istio-system/istio-cni-node', 'ClusterRole istio-cni']),
    );
  });

  test('is everything of another revision', () => {
    const list = readPruneList(recording('1.31.0', '456'));
    if (!list.readable) throw new Error(list.reason);
    expect(beyondRevision(list.objects, { revision: 'other', namespace: 'istio-system' })).toHaveLength(
      list.objects.length,
    );
  });
});
