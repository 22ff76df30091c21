import { UNKNOWN_TOKEN } from '../credential.ts';
import type { Act, EventAct, RunAct, Scenario } from '../scenario.ts';
import { OLD, istiod } from './shop.ts';

const MESH = '1-30-3';

/** A canary that is refused, and writes nothing. */
function refused(
  inputs: Readonly<Record<string, string>>,
  then: Omit<RunAct['then'], 'outcome'>,
  more: Pick<RunAct, 'credential' | 'mirror'> = {},
): RunAct {
  return {
    run: 'canary',
    inputs: { 'canary-namespaces': 'storefront', ...inputs },
    ...more,
    then: { asked: 'no-write', ...then, outcome: 'refused' },
  };
}

/** Each is refused before anything is touched, and leaves the cluster as it was. */
function scenario(id: string, shows: string, ...acts: readonly Act[]): Scenario {
  return { id: `refused-${id}`, shows, mesh: MESH, leaves: 'as-it-was', acts };
}

const inputs: readonly Scenario[] = [
  scenario(
    'bad-input',
    'all bad input is told at once, and no request is sent',
    refused(
      { version: 'newest', timeout: 'soon', 'remove-old': 'maybe', 'canary-namespaces': '' },
      {
        errors: ['input-not-usable'],
        says: ['version', 'timeout', 'remove-old', 'canary-namespaces'].map((input) => ({
          id: 'input-not-usable',
          message: [input],
        })),
        asked: 'nothing',
      },
    ),
  ),
  scenario(
    'no-kubeconfig',
    'no kubeconfig, as in a pull request from a fork',
    refused({}, { errors: ['input-not-usable'], asked: 'nothing' }, { credential: 'none' }),
  ),
  scenario(
    'other-context',
    'a context that the kubeconfig does not have: those that it has are named, and no request is sent',
    refused(
      { context: 'production' },
      {
        errors: ['kubeconfig-not-usable'],
        says: [{ id: 'kubeconfig-not-usable', message: ['{context}'] }],
        asked: 'nothing',
      },
    ),
  ),
  scenario(
    'revision-name',
    'a revision that no label can hold, and one that is taken by another version',
    refused({ revision: 'Green_1' }, { errors: ['input-not-usable'], asked: 'nothing' }),
    refused({ revision: MESH }, { errors: ['revision-taken'] }),
  ),
];

const connection: readonly Scenario[] = [
  scenario(
    'server-not-there',
    'a server that does not answer',
    refused({}, { errors: ['cluster-unreachable'] }, { credential: 'server-not-there' }),
  ),
  scenario(
    'other-authority',
    'a certificate that is not of the authority in the kubeconfig',
    refused({}, { errors: ['cluster-unreachable'] }, { credential: 'other-authority' }),
  ),
  scenario(
    'token-not-taken',
    'a credential that the server does not take, and that is told nowhere',
    refused(
      {},
      { errors: ['credentials-refused'], hides: [UNKNOWN_TOKEN] },
      { credential: 'token-not-taken' },
    ),
  ),
  scenario(
    'no-permission',
    'what is missing of the rights is one finding, with the role to bind',
    refused(
      {},
      {
        errors: ['permission-missing'],
        says: [
          { id: 'permission-missing', message: ['this credential may not ', 'patch namespaces', 'more'] },
        ],
      },
      { credential: 'viewer' },
    ),
  ),
  scenario(
    'checksum',
    'an istioctl whose checksum is wrong',
    refused(
      {},
      { errors: ['istioctl-not-acquired'], says: [{ id: 'istioctl-not-acquired', message: ['sha256'] }] },
      { mirror: 'corrupt' },
    ),
  ),
];

const namespaces: readonly Scenario[] = [
  scenario(
    'namespace-not-there',
    'a namespace that does not exist is named',
    refused(
      { 'canary-namespaces': 'storefront,nowhere' },
      { errors: ['namespace-not-found'], about: ['Namespace nowhere'] },
    ),
  ),
  scenario(
    'namespace-not-in-mesh',
    'a namespace without a label, and a selector that matches none',
    refused(
      { 'canary-namespaces': 'outside' },
      { errors: ['namespace-not-in-mesh'], about: ['Namespace outside'] },
    ),
    refused({ 'canary-namespaces': 'team=none' }, { errors: ['no-namespace-selected'] }),
  ),
];

/** What precheck and canary say of a version. */
function version(target: string, why: string, id: string): Scenario {
  return scenario(`version-${target}`, why, refused({ version: target }, { errors: [id] }), {
    run: 'precheck',
    inputs: { version: target },
    then: { outcome: 'refused', errors: [id], asked: 'no-write' },
  });
}

const versions: readonly Scenario[] = [
  version('1.33.0', 'a version that is too far', 'hop-too-far'),
  version('1.29.2', 'an older version', 'target-not-newer'),
  version('2.0.0', 'another major version', 'hop-to-other-major'),
  scenario('version-there', 'the version that is there already is no upgrade', {
    run: 'canary',
    inputs: { 'canary-namespaces': 'storefront', version: OLD },
    then: { outcome: 'no-changes', state: '', asked: 'no-write' },
  }),
];

const WEBHOOK = 'MutatingWebhookConfiguration istio-revision-tag-default';

const GATEWAY: EventAct = {
  event: {
    create: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'edge',
        namespace: 'outside',
        labels: { 'operator.istio.io/component': 'IngressGateways' },
      },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'edge' } },
        template: {
          metadata: {
            labels: { app: 'edge' },
            annotations: { 'sidecar.istio.io/inject': 'false' },
          },
          spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] },
        },
      },
    },
  },
};

/** As `istioctl operator init` of 1.23 makes it. */
const OPERATOR: EventAct = {
  event: {
    create: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'istio-operator', namespace: 'outside' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { name: 'istio-operator' } },
        template: {
          metadata: { labels: { name: 'istio-operator' } },
          spec: {
            containers: [
              {
                name: 'istio-operator',
                image: 'registry.example/istio/operator:1.23.6',
                command: ['operator', 'server'],
                env: [
                  { name: 'WATCH_NAMESPACE', value: 'istio-system' },
                  { name: 'REVISION', value: '' },
                ],
              },
            ],
          },
        },
      },
    },
  },
};

/** Who installed the control plane, as its labels and annotations tell. */
const owned = (managed: string | null, release: string | null): EventAct => ({
  event: {
    patch: istiod(MESH),
    with: {
      metadata: {
        labels: { 'operator.istio.io/managed': managed },
        annotations: { 'meta.helm.sh/release-name': release },
      },
    },
  },
});

const mesh: readonly Scenario[] = [
  scenario(
    'no-default',
    'a mesh without default webhook: the command that is given makes one',
    { event: { take: WEBHOOK } },
    refused({}, { errors: ['default-webhook-missing'] }),
    { event: { obey: 'default-webhook-missing' } },
    { run: 'precheck', then: { outcome: 'succeeded', state: 'none' } },
    // What tag set makes has other labels than what install makes: back to the first.
    { event: { giveBack: WEBHOOK } },
  ),
  scenario(
    'gateway',
    'a gateway of the mesh',
    GATEWAY,
    refused(
      {},
      {
        errors: ['gateways-not-yet-moved'],
        says: [{ id: 'gateways-not-yet-moved', object: 'Deployment outside/edge' }],
      },
    ),
    { event: { delete: 'Deployment outside/edge' } },
  ),
  scenario(
    'helm',
    'a mesh that Helm owns',
    owned(null, 'istiod'),
    refused({}, { errors: ['mesh-owner-not-supported'], about: [istiod(MESH)] }),
    owned('Reconcile', null),
  ),
  scenario(
    'operator',
    "a mesh that Istio's in-cluster operator may own, whose labels are istioctl's; scaled to zero it owns nothing",
    OPERATOR,
    { event: { quiet: true } },
    {
      run: 'precheck',
      then: {
        outcome: 'refused',
        errors: ['mesh-owner-not-supported'],
        about: [istiod(MESH)],
        says: [
          {
            id: 'mesh-owner-not-supported',
            message: ['Deployment outside/istio-operator'],
            remedy: 'kubectl scale deployment istio-operator -n outside --replicas=0',
          },
        ],
        asked: 'no-write',
      },
    },
    { event: { scale: 'Deployment outside/istio-operator', to: 0 } },
    { run: 'precheck', then: { outcome: 'succeeded', state: 'none' } },
    { event: { delete: 'Deployment outside/istio-operator' } },
  ),
  scenario(
    'istiod-down',
    'a current control plane that is not there',
    { event: { scale: istiod(MESH), to: 0 } },
    refused({}, { errors: ['current-control-plane-not-ready'], about: [istiod(MESH)] }),
    { event: { scale: istiod(MESH), to: 1 } },
  ),
  {
    ...scenario(
      'no-control-plane',
      'a mesh whose only control plane is gone, though its webhooks are there',
      { event: { take: istiod(MESH) } },
      { run: 'precheck', then: { outcome: 'refused', errors: ['no-control-plane'], asked: 'no-write' } },
      refused({}, { errors: ['no-control-plane'] }),
      { event: { giveBack: istiod(MESH) } },
    ),
    testbed: 'if-asked',
  },
];

const others: readonly Scenario[] = [
  scenario(
    'no-canary',
    'promote without a canary, and a rollback of nothing',
    {
      run: 'promote',
      inputs: { version: '1.31.0' },
      then: { outcome: 'refused', errors: ['no-canary'], asked: 'no-write' },
    },
    {
      run: 'promote',
      inputs: { revision: 'green' },
      then: { outcome: 'refused', errors: ['target-unknown'], asked: 'no-write' },
    },
    { run: 'promote', then: { outcome: 'refused', errors: ['target-unknown'], asked: 'no-write' } },
    { run: 'rollback', then: { outcome: 'no-changes', asked: 'no-write' } },
  ),
  scenario(
    'locked',
    'an upgrade that another run is at work on: who, since when, and where',
    { event: { lock: 'held' } },
    refused(
      {},
      {
        errors: ['locked'],
        says: [
          {
            id: 'locked',
            message: ['somebody since 2026-01-02T03:04:05.000000Z', 'https://github.example/run/1'],
          },
        ],
      },
    ),
    { event: { lock: 'free' } },
  ),
];

export const refusals: readonly Scenario[] = [
  ...inputs,
  ...connection,
  ...namespaces,
  ...versions,
  ...mesh,
  ...others,
];
