import { KINDS } from '../../embedded/kinds.ts';
import { programOf } from '../../embedded/release/program.ts';
import { type Feature, type Form, FROM, TO, ownLabels } from './feature.ts';
import { SHARED_FEATURES } from './shared-features.ts';
import { type Manifest, type Traits, namespace, pod, templateOf, workload } from './workloads.ts';

export { type Form, FROM, TO, ownLabels } from './feature.ts';

export const RECORD = 'istio-upgrade';
/** The tag that a canary is asked to move, where the mesh has it. */
export const CANARY_TAG = 'canary';

/** The two namespaces that every mesh has: one with the revision's label, and one that follows the default. */
export function base(form: Form): Manifest[] {
  return [
    namespace('first', { ...ownLabels(form), team: 'a' }),
    workload('first', 'web'),
    namespace('follows', { 'istio-injection': 'enabled' }),
    workload('follows', 'api'),
  ];
}

const odd =
  (name: string, traits: Traits) =>
  (form: Form): Manifest[] => [namespace(name, ownLabels(form)), workload(name, 'odd', traits)];

/** A mesh of `first` has one more workload, so that the canary meets it. */
const inFirst = (name: string, traits: Traits) => (): Manifest[] => [workload('first', name, traits)];

const EVERYWHERE = ['values.sidecarInjectorWebhook.enableNamespacesByDefault=true'];
const never = { 'testbed/ready': 'never' };

const ANCIENT = 'ancient';
const ancient = (): string[] => ['install', '-y', '--revision', ANCIENT, '--set', 'profile=minimal'];
const withoutAncient = {
  actor: 'istioctl',
  version: FROM.version,
  args: ['uninstall', '-y', '--revision', ANCIENT],
} as const;

const record = (form: Form, changed: object): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: RECORD, namespace: 'istio-system' },
  data: {
    record: JSON.stringify({
      schemaVersion: 1,
      attempt: 'deadbeef',
      from: { revision: form, version: FROM.version },
      to: { revision: TO.revision, version: TO.version },
      istioctl: {},
      before: { defaultInjector: form, defaultValidator: form, tags: { default: form } },
      intent: 'promote',
      run: 'https://example.invalid/runs/1',
      writtenAt: '2026-01-01T00:00:00.000Z',
      ...changed,
    }),
  },
});

/** Added to by issue 10, section 12; each by its name, which the ledger counts. */
export const FEATURES = {
  ...SHARED_FEATURES,
  'both-labels': {
    objects: (form) => [
      namespace('both', { 'istio-injection': 'enabled', 'istio.io/rev': form }),
      workload('both', 'both'),
    ],
  },
  'label-on-template': {
    objects: (form) => [
      namespace('bytemplate'),
      workload('bytemplate', 'chooser', {
        podLabels: form === 'default' ? { 'sidecar.istio.io/inject': 'true' } : { 'istio.io/rev': form },
      }),
    ],
  },
  'label-on-both': {
    objects: (form) => [
      namespace('onboth', ownLabels(form)),
      workload('onboth', 'chooser', {
        podLabels: form === 'default' ? { 'sidecar.istio.io/inject': 'true' } : { 'istio.io/rev': form },
      }),
    ],
  },
  'inject-label-on-pod': {
    objects: () => [
      namespace('bypod'),
      workload('bypod', 'asks', { podLabels: { 'sidecar.istio.io/inject': 'true' } }),
    ],
  },
  'disabled-beside-revision': {
    objects: (form) => [
      namespace('disabled', { 'istio-injection': 'disabled', 'istio.io/rev': form }),
      workload('disabled', 'plain'),
    ],
  },
  disabled: {
    objects: () => [namespace('off', { 'istio-injection': 'disabled' }), workload('off', 'plain')],
  },
  'opted-out': { objects: odd('optedout', { podLabels: { 'sidecar.istio.io/inject': 'false' } }) },
  'annotated-out': {
    objects: odd('annotatedout', { podAnnotations: { 'sidecar.istio.io/inject': 'false' } }),
  },
  'host-network': { objects: odd('hostnet', { podSpec: { hostNetwork: true } }) },
  unlabelled: { objects: () => [namespace('outside'), workload('outside', 'reports')] },
  'second-mesh': {
    install: () => [
      ...['install', '-y', '--revision', 'blue', '--set', 'profile=minimal'],
      ...['--set', 'values.global.istioNamespace=istio-blue'],
    ],
    objects: () => [namespace('bluehome', { 'istio.io/rev': 'blue' }), workload('bluehome', 'blue')],
  },
  'on-delete': {
    objects: odd('ondelete', {
      kind: 'StatefulSet',
      replicas: 2,
      spec: { updateStrategy: { type: 'OnDelete' } },
    }),
  },
  paused: { objects: odd('paused', { spec: { paused: true } }) },
  partition: {
    objects: odd('partition', {
      kind: 'StatefulSet',
      replicas: 2,
      spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
    }),
  },
  recreate: { objects: odd('recreate', { spec: { strategy: { type: 'Recreate' } } }) },
  stateful: { objects: odd('stateful', { kind: 'StatefulSet', replicas: 2 }) },
  daemon: { objects: odd('daemon', { kind: 'DaemonSet' }) },
  'zero-replicas': { objects: odd('zero', { replicas: 0 }) },
  'classic-sidecar': {
    objects: odd('classic', { podAnnotations: { 'sidecar.istio.io/nativeSidecar': 'false' } }),
  },
  'bare-pod': { objects: (form) => [namespace('bare', ownLabels(form)), pod('bare', 'alone')] },
  'bare-pod-in-canary': { objects: () => [pod('first', 'alone')] },
  job: {
    needs: ['Job'],
    objects: (form) => [
      namespace('jobs', ownLabels(form)),
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'once', namespace: 'jobs' },
        spec: { template: withRestart(templateOf('once', {})) },
      },
    ],
  },
  'cron-job': {
    needs: ['CronJob'],
    objects: (form) => [
      namespace('nights'),
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'nightly', namespace: 'nights' },
        spec: {
          schedule: '0 3 * * *',
          jobTemplate: {
            spec: {
              template: withRestart(
                templateOf('nightly', {
                  podLabels:
                    form === 'default' ? { 'sidecar.istio.io/inject': 'true' } : { 'istio.io/rev': form },
                }),
              ),
            },
          },
        },
      },
    ],
  },
  'volume-claims': {
    objects: odd('volumes', {
      kind: 'StatefulSet',
      podSpec: {
        containers: [
          {
            name: 'odd',
            image: 'registry.example/odd:1.0.0',
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          },
        ],
      },
      spec: {
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    }),
  },
  'quota-full': {
    needs: ['ResourceQuota'],
    objects: (form) => [
      namespace('quota', ownLabels(form)),
      workload('quota', 'counted', { replicas: 2 }),
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'pods', namespace: 'quota' },
        spec: { hard: { pods: '3' } },
      },
    ],
  },
  'policy-on-bare-pods': {
    needs: ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
    objects: () => [
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: 'no-bare-pods' },
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: {
            resourceRules: [
              { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
            ],
          },
          validations: [
            { expression: 'has(object.metadata.ownerReferences)', message: 'a pod must have an owner' },
          ],
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: 'no-bare-pods' },
        spec: { policyName: 'no-bare-pods', validationActions: ['Deny'] },
      },
    ],
  },
  'sidecar-by-hand': {
    objects: (form) => [
      namespace('byhand'),
      workload('byhand', 'gateway', {
        podSpec: {
          containers: [proxyByHand(form)],
        },
      }),
    ],
  },
  'sidecar-by-hand-at-zero': {
    objects: (form) => [
      namespace('byhandlater'),
      workload('byhandlater', 'gateway', { replicas: 0, podSpec: { containers: [proxyByHand(form)] } }),
    ],
  },
  'webhook-of-others': {
    objects: (form) => [
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'inject-of-our-own' },
        webhooks: [
          {
            name: 'inject.example.com',
            clientConfig: {
              service: { name: istiodOf(form), namespace: 'istio-system', path: '/inject', port: 443 },
            },
            namespaceSelector: { matchLabels: { 'example.com/inject': 'yes' } },
            rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
            failurePolicy: 'Ignore',
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
          },
        ],
      },
    ],
  },
  'proxy-image': {
    objects: odd('pinnedimage', {
      podAnnotations: { 'sidecar.istio.io/proxyImage': `docker.io/istio/proxyv2:${FROM.version}` },
    }),
  },
  'default-on-template': {
    objects: () => [
      namespace('bydefault'),
      workload('bydefault', 'chooser', { podLabels: { 'istio.io/rev': 'default' } }),
    ],
  },
  'default-on-namespace': {
    objects: () => [
      namespace('saysdefault', { 'istio.io/rev': 'default' }),
      workload('saysdefault', 'follower'),
    ],
  },
  // A control plane that somebody has uninstalled: its pods live on, and its namespace still asks for it, or no more.
  'gone-revision': {
    besideOnly: true,
    install: ancient,
    objects: () => [namespace('longago', { 'istio.io/rev': ANCIENT }), workload('longago', 'left')],
    after: () => [withoutAncient],
  },
  'gone-revision-relabelled': {
    besideOnly: true,
    install: ancient,
    objects: () => [namespace('since', { 'istio.io/rev': ANCIENT }), workload('since', 'left')],
    after: (form) => [
      withoutAncient,
      ...['istio.io/rev', 'istio-injection'].map((key) => ({
        actor: 'label' as const,
        namespace: 'since',
        key,
        value: ownLabels(form)[key] ?? null,
      })),
    ],
  },
  'argo-by-label': {
    objects: (form) => [
      namespace('argolabel', { ...ownLabels(form), 'app.kubernetes.io/instance': 'shop' }),
      workload('argolabel', 'synced', { labels: { 'app.kubernetes.io/instance': 'shop' } }),
    ],
  },
  'argo-by-annotation': {
    objects: (form) => [
      namespace('argonote', ownLabels(form), {
        'argocd.argoproj.io/tracking-id': 'shop:/Namespace:/argonote',
      }),
      workload('argonote', 'synced'),
    ],
  },
  'argo-on-default': {
    objects: () => [
      namespace(
        'argodefault',
        { 'istio-injection': 'enabled' },
        { 'argocd.argoproj.io/tracking-id': 'shop:/Namespace:/argodefault' },
      ),
      workload('argodefault', 'synced'),
    ],
  },
  'flux-mark': {
    objects: (form) => [
      namespace('flux', { ...ownLabels(form), 'kustomize.toolkit.fluxcd.io/name': 'apps' }),
      workload('flux', 'synced'),
    ],
  },
  'broken-in-canary': { objects: inFirst('broken', { podAnnotations: never }) },
  'broken-elsewhere': { objects: odd('broken', { podAnnotations: never }) },
  'image-gone': { objects: odd('imagegone', { podAnnotations: { 'testbed/pull': 'fail' } }) },
  'stale-proxy': { objects: odd('stale', { podAnnotations: { 'testbed/proxy': 'stale' } }) },
  'absent-proxy': { objects: odd('absent', { podAnnotations: { 'testbed/proxy': 'absent' } }) },
  'breaks-on-target': {
    objects: inFirst('fragile', { podAnnotations: { ...never, 'testbed/only-revision': TO.revision } }),
  },
  'born-before-label': {
    objects: () => [namespace('latecomer'), workload('latecomer', 'older')],
    after: (form) =>
      Object.entries(ownLabels(form)).map(([key, value]) => ({
        actor: 'label',
        namespace: 'latecomer',
        key,
        value,
      })),
  },
  'user-tag': {
    besideOnly: true,
    objects: () => [namespace('tagged', { 'istio.io/rev': 'prod' }), workload('tagged', 'stable')],
    install: (form) => ['tag', 'set', 'prod', '--revision', form, '-y'],
  },
  'tag-from-git': {
    besideOnly: true,
    objects: () => [namespace('synced', { 'istio.io/rev': 'gitops' }), workload('synced', 'stable')],
    install: (form) => ['tag', 'set', 'gitops', '--revision', form, '-y'],
    after: () => [
      {
        actor: 'mark',
        object: 'MutatingWebhookConfiguration istio-revision-tag-gitops',
        annotations: {
          'argocd.argoproj.io/tracking-id':
            'mesh:admissionregistration.k8s.io/MutatingWebhookConfiguration:/gitops',
        },
      },
    ],
  },
  'canary-tag': {
    besideOnly: true,
    objects: () => [namespace('tried', { 'istio.io/rev': CANARY_TAG }), workload('tried', 'early')],
    install: (form) => ['tag', 'set', CANARY_TAG, '--revision', form, '-y'],
  },
  'tag-without-followers': {
    besideOnly: true,
    install: (form) => ['tag', 'set', 'spare', '--revision', form, '-y'],
  },
  'tag-on-template': {
    besideOnly: true,
    objects: () => [
      namespace('bytag'),
      workload('bytag', 'chooser', { podLabels: { 'istio.io/rev': 'pinned' } }),
    ],
    install: (form) => ['tag', 'set', 'pinned', '--revision', form, '-y'],
  },
  'dangling-tag': {
    besideOnly: true,
    objects: () => [
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: {
          name: 'istio-revision-tag-lost',
          labels: { 'istio.io/rev': 'long-gone', 'istio.io/tag': 'lost', app: 'sidecar-injector' },
        },
        webhooks: [
          {
            name: 'rev.namespace.sidecar-injector.istio.io',
            clientConfig: {
              service: { name: 'istiod-long-gone', namespace: 'istio-system', path: '/inject' },
            },
            namespaceSelector: {
              matchExpressions: [{ key: 'istio.io/rev', operator: 'In', values: ['lost'] }],
            },
            rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
            failurePolicy: 'Fail',
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
          },
        ],
      },
      namespace('lost', { 'istio.io/rev': 'lost' }),
    ],
  },
  'injected-by-default': {
    word: 'enableNamespacesByDefault',
    settings: EVERYWHERE,
    asked: [{ set: EVERYWHERE }],
    objects: () => [namespace('silent'), workload('silent', 'quiet')],
  },
  'dangling-revision': { objects: () => [namespace('dangling', { 'istio.io/rev': 'long-gone' })] },
  'stale-record': {
    about: 'record',
    objects: (form) => [record(form, { endedAt: '2026-01-01T00:00:00.000Z', intent: 'rollback' })],
  },
  'unfinished-record': { about: 'record', objects: (form) => [record(form, {})] },
  'swapped-record': {
    about: 'record',
    objects: (form) => [
      record(form, {
        from: { revision: TO.revision, version: TO.version },
        to: { revision: form, version: FROM.version },
      }),
    ],
  },
  'earlier-record': {
    about: 'record',
    objects: (form) => [
      record(form, {
        from: { revision: '1-29-6', version: '1.29.6' },
        to: { revision: form, version: FROM.version },
        promotedAt: '2026-01-01T00:00:00.000Z',
        endedAt: '2026-01-02T00:00:00.000Z',
      }),
    ],
  },
  'record-of-another': {
    about: 'record',
    objects: (form) => [record(form, { to: { revision: '1-32-0', version: '1.32.0' }, intent: 'canary' })],
  },
  'removing-record': {
    about: 'record',
    objects: (form) => [record(form, { intent: 'remove', removing: ['Deployment istio-system/x'] })],
  },
  'removing-number': {
    about: 'record',
    objects: (form) => [record(form, { intent: 'remove', removing: 5 })],
  },
  'garbled-record': {
    about: 'record',
    objects: () => [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: RECORD, namespace: 'istio-system' },
        data: { record: '{' },
      },
    ],
  },
  'forged-originals': {
    objects: () => [
      namespace('forged', {}, { 'istio-upgrade/original-labels': '{"istio.io/rev":"long-gone"}' }),
      workload('forged', 'plain'),
    ],
  },
  'garbled-originals': {
    objects: (form) => [
      namespace('garbled', ownLabels(form), { 'istio-upgrade/original-labels': 'yes' }),
      workload('garbled', 'plain'),
    ],
  },
  'stale-originals': {
    objects: (form) => [
      namespace('restored', ownLabels(form), {
        'istio-upgrade/original-labels': '{"istio.io/rev":"1-29-0","istio-injection":null}',
      }),
      workload('restored', 'plain'),
    ],
  },
  'year-long-lease': {
    objects: () => [
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: RECORD, namespace: 'istio-system' },
        spec: {
          holderIdentity: '',
          leaseDurationSeconds: 31_536_000,
          acquireTime: '2026-01-01T00:00:00.000000Z',
          renewTime: '2026-01-01T00:00:00.000000Z',
        },
      },
    ],
  },
} satisfies Record<string, Feature>;

export type FeatureName = keyof typeof FEATURES;

/** A feature, as what it may have. */
export function featureOf(name: FeatureName): Feature {
  return FEATURES[name];
}

let known: readonly FeatureName[] | undefined;

/** Those that the embedded cluster can play now; istioctl's stand-in is read for it, once. */
export function playable(): FeatureName[] {
  known ??= readPlayable();
  return [...known];
}

function readPlayable(): FeatureName[] {
  const program = programOf(FROM.version);
  return (Object.keys(FEATURES) as FeatureName[]).filter((name) => {
    const { needs = [], word = '' } = featureOf(name);
    return needs.every((kind) => kind in KINDS) && program.includes(word);
  });
}

function withRestart(template: ReturnType<typeof templateOf>): object {
  return { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
}

function istiodOf(form: Form): string {
  return `istiod${form === 'default' ? '' : `-${form}`}`;
}

function proxyByHand(form: Form): object {
  const address = `${istiodOf(form)}.istio-system.svc:15012`;
  return {
    name: 'istio-proxy',
    image: `docker.io/istio/proxyv2:${FROM.version}`,
    args: ['proxy', 'router'],
    env: [
      { name: 'CA_ADDR', value: address },
      { name: 'PROXY_CONFIG', value: `${JSON.stringify({ discoveryAddress: address })}\n` },
      { name: 'ISTIO_META_CLUSTER_ID', value: 'Kubernetes' },
    ],
  };
}
