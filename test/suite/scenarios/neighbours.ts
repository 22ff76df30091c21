import type { Act, RunAct, Scenario } from '../scenario.ts';
import {
  NEW,
  OLD,
  TARGET,
  allNew,
  allOld,
  canaryOf,
  dataPlane,
  istiod,
  wayBack,
  handWrittenGateway,
} from './shop.ts';

const MESH = '1-30-3';
/** A mesh beside the shop's, which lives elsewhere. */
const BLUE = { 'istio-namespace': 'istio-blue' };
const CNI = 'DaemonSet kube-system/istio-cni-node';
const CANARY = canaryOf('storefront', ['storefront']);
const PRECHECK = { run: 'precheck', inputs: { 'canary-namespaces': 'storefront' } } as const;
const PROMOTE: RunAct = { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', ...allNew() } };

const metadata = (ref: string, marks: object): Act => ({ event: { patch: ref, with: { metadata: marks } } });

/** A workload of some kind that runs nothing. */
const workload = (
  kind: string,
  namespace: string,
  name: string,
  template: object,
  spec: object = {},
): Act => ({
  event: {
    create: {
      apiVersion: 'apps/v1',
      kind,
      metadata: { name, namespace, labels: { app: name } },
      spec: { selector: { matchLabels: { app: name } }, template, ...spec },
    },
  },
});

/** Something in a namespace that nobody takes the finalizer off. */
const held = (namespace: string): Act => ({
  event: {
    create: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', namespace, finalizers: ['example.com/hold'] },
      data: {},
    },
  },
});

/** A template with one container. */
const template = (app: string, spec: object, marks: object = {}) => ({
  metadata: { labels: { app }, ...marks },
  spec: { containers: [{ name: 'app', image: `registry.example/shop/${app}:1.0.0` }], ...spec },
});

const INSTALL_BLUE: Act = {
  event: {
    istioctl: [
      'install',
      '--set',
      'profile=minimal',
      '--set',
      'values.global.istioNamespace=istio-blue',
      '--revision',
      'blue',
      '-y',
    ],
  },
};

/** A namespace of that mesh, with a workload. */
const ofBlue = (name: string): Act[] => [
  {
    event: {
      create: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { 'istio.io/rev': 'blue' } },
      },
    },
  },
  workload('Deployment', name, name, template(name, {})),
  { event: { scale: `Deployment ${name}/${name}`, to: 1 } },
];

/** Argo CD's mark of tracking, in its three forms. */
const MARKS = {
  annotation: { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/Namespace:shop/checkout' } },
  label: { labels: { 'app.kubernetes.io/instance': 'shop' } },
} as const;

const UNMARKED = {
  annotations: { 'argocd.argoproj.io/tracking-id': null },
  labels: { 'app.kubernetes.io/instance': null },
};

/** Lets no namespace be changed: the embedded cluster answers for it, on the testbed nobody does. */
const POLICY: Act = {
  event: {
    create: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: {
        name: 'policy',
        annotations: {
          'embedded/refuses': 'PATCH namespaces',
          'embedded/status': '403',
          'embedded/words': 'namespaces are frozen',
        },
      },
      webhooks: [
        {
          name: 'namespaces.policy.example',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          clientConfig: { url: 'https://policy.embedded/validate' },
          rules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['namespaces'] },
          ],
        },
      ],
    },
  },
};

/** Gives limits to every istiod that is written: the embedded cluster does it, on the testbed nobody does. */
const LIMITS: Act = {
  event: {
    create: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: {
        name: 'limits',
        annotations: { 'embedded/limits': JSON.stringify({ cpu: '500m', memory: '2Gi' }) },
      },
      webhooks: [
        {
          name: 'limits.policy.example',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          clientConfig: { url: 'https://policy.embedded/mutate' },
          objectSelector: { matchLabels: { app: 'istiod' } },
          rules: [
            {
              apiGroups: ['apps'],
              apiVersions: ['v1'],
              operations: ['CREATE', 'UPDATE'],
              resources: ['deployments'],
            },
          ],
        },
      ],
    },
  },
};

/** An istiod of which neither image nor label tells the version. */
const PINNED: Act = {
  event: {
    patch: istiod(MESH),
    until: 'rolled-out',
    with: {
      metadata: { labels: { 'operator.istio.io/version': null } },
      spec: {
        template: {
          metadata: { annotations: { 'embedded/release': OLD } },
          spec: {
            containers: [{ name: 'discovery', image: `docker.io/istio/pilot@sha256:${'0a'.repeat(32)}` }],
          },
        },
      },
    },
  },
};

/** Who else is in the cluster: another mesh, other tools, other components (M03, M08, M25, M28, M30–M32, M38, M41). */
/** As `istioctl uninstall` of a release before 1.24 could leave it: a validator, and nobody behind it. */
const LEFT: Act = {
  event: {
    create: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: {
        name: 'istio-validator-1-29-6-istio-system',
        labels: { app: 'istiod', 'istio.io/rev': '1-29-6' },
      },
      webhooks: [
        {
          name: 'rev.validation.istio.io',
          clientConfig: { service: { name: 'istiod-1-29-6', namespace: 'istio-system', path: '/validate' } },
          rules: [
            {
              apiGroups: ['networking.istio.io'],
              apiVersions: ['*'],
              operations: ['CREATE', 'UPDATE'],
              resources: ['*'],
            },
          ],
          objectSelector: {
            matchExpressions: [{ key: 'istio.io/rev', operator: 'In', values: ['1-29-6'] }],
          },
          failurePolicy: 'Fail',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    },
  },
};

export const neighbours: readonly Scenario[] = [
  {
    id: 'neighbour-dead-webhook',
    shows: 'H10: a validator that an uninstall left behind is told with the command that removes it',
    mesh: MESH,
    leaves: 'as-it-was',
    acts: [
      { keep: 'before' },
      LEFT,
      {
        ...PRECHECK,
        then: {
          outcome: 'succeeded',
          tells: ['webhook-asks-nobody ValidatingWebhookConfiguration istio-validator-1-29-6-istio-system'],
        },
      },
      { event: { obey: 'webhook-asks-nobody' } },
      { ...PRECHECK, then: { outcome: 'succeeded', same: 'before' } },
    ],
  },
  ...(['annotation', 'label'] as const).map((form): Scenario => ({
    id: `neighbour-git-${form}`,
    shows: `M28: a namespace that Argo CD tracks by ${form}: a revision there is refused before anything moves`,
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      metadata('Namespace storefront', MARKS[form]),
      {
        ...PRECHECK,
        then: { outcome: 'refused', errors: ['git-owns-labels'], about: ['Namespace storefront'] },
      },
      {
        ...CANARY,
        then: {
          outcome: 'refused',
          errors: ['git-owns-labels'],
          about: ['Namespace storefront'],
          asked: 'no-write',
        },
      },
      metadata('Namespace storefront', UNMARKED),
    ],
  })),
  {
    id: 'neighbour-git-default',
    shows:
      'M28: a tracked namespace that follows the default stays as Git has it, and moves with the default',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      metadata('Namespace checkout', MARKS.annotation),
      { keep: 'tracked' },
      { ...PRECHECK, then: { outcome: 'succeeded' } },
      { run: 'canary', inputs: CANARY.inputs ?? {}, then: { outcome: 'succeeded', state: 'canary' } },
      {
        ...PROMOTE,
        then: {
          ...PROMOTE.then,
          default: TARGET,
          labels: {
            checkout: { 'istio-injection': 'enabled', 'app.kubernetes.io/part-of': 'shop' },
          },
        },
      },
      { run: 'rollback', then: wayBack(MESH, 'tracked') },
      metadata('Namespace checkout', UNMARKED),
    ],
  },
  {
    id: 'neighbour-cni',
    shows:
      'M30: Istio CNI in kube-system is left as it is in all phases, and refused where it does not suit the target',
    mesh: MESH,
    leaves: 'as-it-was',
    acts: [
      {
        event: {
          create: {
            apiVersion: 'apps/v1',
            kind: 'DaemonSet',
            metadata: {
              name: 'istio-cni-node',
              namespace: 'kube-system',
              labels: { 'k8s-app': 'istio-cni-node' },
            },
            spec: {
              selector: { matchLabels: { 'k8s-app': 'istio-cni-node' } },
              template: {
                metadata: { labels: { 'k8s-app': 'istio-cni-node', 'sidecar.istio.io/inject': 'false' } },
                spec: { containers: [{ name: 'install-cni', image: 'docker.io/istio/install-cni:1.29.6' }] },
              },
            },
          },
        },
      },
      {
        ...CANARY,
        then: {
          outcome: 'refused',
          errors: ['cni-skew'],
          about: [CNI],
          says: [{ id: 'cni-skew', remedy: 'Upgrade Istio CNI first' }],
          asked: 'no-write',
        },
      },
      {
        event: {
          patch: CNI,
          with: {
            spec: {
              template: {
                spec: { containers: [{ name: 'install-cni', image: 'docker.io/istio/install-cni:1.30.3' }] },
              },
            },
          },
          until: 'rolled-out',
        },
      },
      { keep: 'cni' },
      { ...PRECHECK, then: { outcome: 'succeeded', tells: [`cni-left-alone ${CNI}`] } },
      { ...CANARY, then: { outcome: 'succeeded', state: 'canary' } },
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted' } },
      { run: 'rollback', then: wayBack(MESH, 'cni') },
      { event: { delete: CNI } },
    ],
  },
  {
    id: 'neighbour-unknown-object',
    shows: 'M31: an object of the revision that no list of names knows goes with it',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      {
        event: {
          create: {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: {
              name: `istio-something-new-${TARGET}`,
              namespace: 'istio-system',
              labels: {
                'istio.io/rev': TARGET,
                'operator.istio.io/component': 'Pilot',
                'operator.istio.io/managed': 'Reconcile',
                'install.operator.istio.io/owning-resource': 'unknown',
              },
            },
            data: { new: 'to this Action' },
          },
        },
      },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'neighbour-policy',
    shows:
      'M32: a webhook that lets no namespace be changed is named with its words, and once it is gone the canary goes on',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      POLICY,
      {
        ...CANARY,
        then: {
          outcome: 'failed',
          state: 'canarying',
          errors: ['change-refused-by-policy'],
          says: [{ id: 'change-refused-by-policy', message: ['namespaces.policy.example'] }],
          dataPlane: dataPlane(MESH, []),
          outputs: { 'rollback-ready': 'true', 'next-phase': '' },
        },
      },
      { event: { delete: 'ValidatingWebhookConfiguration policy' } },
      CANARY,
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'neighbour-own-gateway',
    shows: 'M08: a gateway written by hand stays connected to the old istiod, and is named before and after',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      workload('Deployment', 'outside', 'edge', handWrittenGateway(MESH)),
      { event: { scale: 'Deployment outside/edge', to: 1 } },
      { keep: 'edge' },
      {
        ...PRECHECK,
        then: { outcome: 'refused', errors: ['unknown-proxy-connected'], about: ['Pod outside/edge-*'] },
      },
      {
        run: 'canary',
        inputs: CANARY.inputs ?? {},
        then: {
          outcome: 'succeeded',
          state: 'canary',
          tells: ['unknown-proxy-connected Pod outside/edge-*'],
        },
      },
      {
        run: 'promote',
        then: {
          outcome: 'refused',
          state: 'canary',
          errors: ['unknown-proxy-connected'],
          about: ['Pod outside/edge-*'],
          asked: 'no-write',
        },
      },
      {
        run: 'promote',
        inputs: { 'allow-stragglers': 'outside/*' },
        then: { outcome: 'succeeded', state: 'promoted', default: TARGET },
      },
      {
        run: 'promote',
        inputs: { 'allow-stragglers': 'outside/*', 'remove-old': 'true', 'remove-old-after': '0s' },
        patience: 'short',
        then: { outcome: 'refused', state: 'promoted', errors: ['still-in-use'], exists: [istiod(MESH)] },
      },
      { run: 'rollback', then: { outcome: 'rolled-back', state: 'rolled-back', same: 'edge' } },
      { event: { delete: 'Deployment outside/edge' } },
    ],
  },
  {
    id: 'neighbour-image-variant',
    shows:
      'M25: proxies whose image has another tag than the version they report are judged by what they are',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        run: 'canary',
        inputs: { ...CANARY.inputs, set: `tag=${NEW}-distroless` },
        then: {
          outcome: 'succeeded',
          state: 'canary',
          dataPlane: { ...dataPlane(MESH, []), storefront: `${TARGET}@${NEW}-distroless` },
        },
      },
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', default: TARGET } },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'neighbour-image-digest',
    shows: 'M25: of an istiod whose image is pinned by digest, without a label, its own word is taken',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'never',
    acts: [
      PINNED,
      { keep: 'pinned' },
      {
        ...PRECHECK,
        then: {
          outcome: 'succeeded',
          outputs: { 'from-version': OLD, 'to-version': NEW },
          asked: 'no-write',
        },
      },
      {
        run: 'canary',
        inputs: CANARY.inputs ?? {},
        again: true,
        then: { ...CANARY.then, outputs: { 'from-version': OLD, 'rollback-ready': 'true' } },
      },
      PROMOTE,
      { run: 'rollback', then: wayBack(MESH, 'pinned') },
    ],
  },
  {
    id: 'neighbour-acting-with-extra',
    shows:
      'K02: who may something by extra fields alone acts with them in each request, and so does istioctl',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'never',
    acts: [
      { ...PRECHECK, credential: 'acting', then: { outcome: 'succeeded', asked: 'no-write' } },
      { ...CANARY, credential: 'acting' },
      { ...PROMOTE, credential: 'acting' },
      { run: 'rollback', credential: 'acting', then: wayBack(MESH) },
    ],
  },
  {
    id: 'neighbour-lease-of-a-year',
    shows: 'M38: a lock without a sign of life is free after 30 s, whatever duration it says',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        event: {
          create: {
            apiVersion: 'coordination.k8s.io/v1',
            kind: 'Lease',
            metadata: { name: 'istio-upgrade', namespace: 'istio-system' },
            spec: {
              holderIdentity: 'somebody',
              leaseDurationSeconds: 31_536_000,
              acquireTime: '2026-01-02T03:04:05.000000Z',
              renewTime: '2026-01-02T03:04:05.000000Z',
            },
          },
        },
      },
      CANARY,
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'neighbour-namespace-ends',
    shows: 'M41: a namespace of the canary that somebody deletes stops no rollback',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      canaryOf('legacy,storefront', ['legacy', 'storefront']),
      { event: { delete: 'Namespace legacy' } },
      {
        run: 'rollback',
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          default: MESH,
          exists: [istiod(MESH)],
        },
      },
    ],
  },
  {
    id: 'neighbour-namespace-hangs',
    shows: 'M41: a namespace that hangs while it is being deleted stops no rollback',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      canaryOf('legacy,storefront', ['legacy', 'storefront']),
      held('legacy'),
      { event: { delete: 'Namespace legacy', hangs: true } },
      {
        run: 'rollback',
        then: { outcome: 'rolled-back', state: 'rolled-back', exists: ['Namespace legacy'] },
      },
    ],
  },
  {
    id: 'neighbour-namespace-hangs-removal',
    shows: 'M41: nor the removal of the old control plane, which its labels still choose',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      CANARY,
      held('catalog'),
      { event: { delete: 'Namespace catalog', hangs: true } },
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted' } },
      {
        run: 'promote',
        inputs: { 'remove-old': 'true', 'remove-old-after': '0s' },
        then: {
          outcome: 'succeeded',
          state: 'completed',
          exists: ['Namespace catalog'],
        },
      },
    ],
  },
  {
    id: 'neighbour-policy-changes-istiod',
    shows: 'a policy that gives every istiod limits is told, and holds up none of the phases',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'never',
    acts: [
      LIMITS,
      { ...PRECHECK, then: { outcome: 'succeeded' } },
      { ...CANARY, then: { ...CANARY.then, tells: [`deployment-changed-by-others ${istiod(TARGET)}`] } },
      {
        ...CANARY,
        then: {
          outcome: 'no-changes',
          state: 'canary',
          asked: 'no-write',
          tells: [`deployment-changed-by-others ${istiod(TARGET)}`],
        },
      },
      { ...PRECHECK, then: { outcome: 'succeeded', state: 'canary' } },
      {
        event: {
          patch: `HorizontalPodAutoscaler istio-system/istiod-${TARGET}`,
          with: { spec: { minReplicas: 2 } },
        },
      },
      { ...CANARY, then: { outcome: 'no-changes', state: 'canary', asked: 'no-write' } },
      { ...PRECHECK, then: { outcome: 'succeeded', state: 'canary' } },
      {
        ...canaryOf('legacy', ['legacy', 'storefront']),
        then: {
          outcome: 'succeeded',
          state: 'canary',
          changes: { has: [], lacks: [`install istiod ${NEW} as revision ${TARGET}`] },
        },
      },
      PROMOTE,
      { run: 'rollback', then: { outcome: 'rolled-back', ...allOld(MESH) } },
    ],
  },
  {
    id: 'neighbour-second-mesh',
    shows: 'M03: another mesh with its own namespace is told, and nothing that it injects is touched',
    mesh: MESH,
    leaves: 'changed',
    acts: [
      INSTALL_BLUE,
      {
        event: {
          create: {
            apiVersion: 'v1',
            kind: 'Namespace',
            metadata: { name: 'theirs', labels: { 'istio.io/rev': 'blue' } },
          },
        },
      },
      workload('Deployment', 'theirs', 'theirs', template('theirs', {})),
      { event: { scale: 'Deployment theirs/theirs', to: 1 }, then: { dataPlane: withTheirs([]) } },
      { keep: 'two meshes' },
      { ...PRECHECK, then: { outcome: 'succeeded', tells: ['other-mesh-present'] } },
      {
        ...CANARY,
        then: { outcome: 'succeeded', state: 'canary', dataPlane: withTheirs(['storefront']) },
      },
      {
        run: 'promote',
        then: {
          outcome: 'succeeded',
          state: 'promoted',
          default: TARGET,
          dataPlane: withTheirs(['catalog', 'checkout', 'legacy', 'storefront']),
          labels: { theirs: { 'istio.io/rev': 'blue' } },
        },
      },
      {
        run: 'rollback',
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          same: 'two meshes',
          dataPlane: withTheirs([]),
          exists: [istiod(MESH), 'Deployment istio-blue/istiod-blue'],
        },
      },
    ],
  },
  {
    id: 'neighbour-has-the-default',
    shows:
      'a mesh that never had the default is upgraded by its labels, and back: tag and validator stay with the other mesh',
    mesh: MESH,
    leaves: 'changed',
    acts: [
      INSTALL_BLUE,
      ...ofBlue('first'),
      ...ofBlue('second'),
      { keep: 'two meshes' },
      {
        run: 'precheck',
        inputs: { ...BLUE, 'canary-namespaces': 'first' },
        then: {
          outcome: 'succeeded',
          state: 'none',
          tells: ['other-mesh-present', 'default-of-another-mesh'],
          default: MESH,
        },
      },
      {
        run: 'rollback',
        inputs: { ...BLUE, version: NEW },
        then: { outcome: 'no-changes', state: 'none', same: 'two meshes', default: MESH },
      },
      {
        run: 'canary',
        inputs: { ...BLUE, 'canary-namespaces': 'first' },
        then: { outcome: 'succeeded', state: 'canary', default: MESH, dataPlane: blues('first') },
      },
      {
        run: 'rollback',
        inputs: BLUE,
        then: { outcome: 'rolled-back', state: 'rolled-back', same: 'two meshes', default: MESH },
      },
      {
        run: 'canary',
        inputs: { ...BLUE, 'canary-namespaces': 'first' },
        then: { outcome: 'succeeded', state: 'canary', default: MESH },
      },
      {
        run: 'promote',
        inputs: BLUE,
        then: {
          outcome: 'succeeded',
          state: 'promoted',
          default: MESH,
          dataPlane: blues('first', 'second'),
        },
      },
      {
        run: 'rollback',
        inputs: BLUE,
        then: { outcome: 'rolled-back', state: 'rolled-back', same: 'two meshes', default: MESH },
      },
    ],
  },
  {
    id: 'neighbour-has-the-default-removal',
    shows: 'and its old control plane is removed: the default still is that of the other mesh',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      INSTALL_BLUE,
      ...ofBlue('first'),
      {
        run: 'canary',
        inputs: { ...BLUE, 'canary-namespaces': 'first' },
        then: { outcome: 'succeeded', state: 'canary', default: MESH },
      },
      { run: 'promote', inputs: BLUE, then: { outcome: 'succeeded', state: 'promoted', default: MESH } },
      {
        run: 'promote',
        inputs: { ...BLUE, 'remove-old': 'true', 'remove-old-after': '0s' },
        then: {
          outcome: 'succeeded',
          state: 'completed',
          default: MESH,
          remains: { of: 'blue', are: [] },
          exists: [istiod(MESH), `Deployment istio-blue/istiod-${TARGET}`],
        },
      },
    ],
  },
];

/** The two namespaces of a mesh that lives in istio-blue, while some have moved, beside the shop. */
function blues(...moved: readonly string[]): Record<string, string> {
  const proxyOf = (name: string): string => (moved.includes(name) ? `${TARGET}@${NEW}` : 'blue@1.30.3');
  return { ...dataPlane(MESH, []), first: proxyOf('first'), second: proxyOf('second') };
}

/** The shop while some have moved, beside the namespace of the other mesh. */
function withTheirs(moved: readonly string[]): Record<string, string> {
  return { ...dataPlane(MESH, moved), theirs: 'blue@1.30.3' };
}
