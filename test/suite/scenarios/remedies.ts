import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { ClusterObject } from '../../support/normalise.ts';
import type { Act, AfterRun, EventAct, RunAct, Scenario } from '../scenario.ts';
import {
  NEW,
  OLD,
  TARGET,
  allNew,
  canaryOf,
  istiod,
  labels,
  wayBack,
  handWrittenGateway,
  pinnedCronJob,
} from './shop.ts';

const MESH = '1-30-3';
const CANARY = canaryOf('storefront', ['storefront']);
const PRECHECK = { 'canary-namespaces': 'storefront' } as const;
const WEBHOOK = 'MutatingWebhookConfiguration istio-revision-tag-default';

/** An error, and the words of its remedy that the next acts follow. */
const because = (id: string, remedy?: string): Pick<AfterRun, 'errors' | 'says'> => ({
  errors: [id],
  ...(remedy === undefined ? {} : { says: [{ id, remedy }] }),
});

/** A precheck that is refused. */
const refused = (
  [id, remedy]: readonly [id: string, remedy?: string],
  inputs: Readonly<Record<string, string>> = {},
  more: Pick<RunAct, 'credential' | 'mirror'> = {},
): RunAct => ({
  run: 'precheck',
  inputs: { ...PRECHECK, ...inputs },
  ...more,
  then: { outcome: 'refused', asked: 'no-write', ...because(id, remedy) },
});

const good = (inputs: Readonly<Record<string, string>> = {}): RunAct => ({
  run: 'precheck',
  inputs: { ...PRECHECK, ...inputs },
  then: { outcome: 'succeeded', asked: 'no-write' },
});

const metadata = (ref: string, marks: object): EventAct => ({
  event: { patch: ref, with: { metadata: marks } },
});

const ready = (workload: string, annotation: string | null, until?: 'rolled-out'): EventAct => ({
  event: {
    patch: workload,
    with: { spec: { template: { metadata: { annotations: { 'testbed/ready': annotation } } } } },
    ...(until === undefined ? {} : { until }),
  },
});

/** A pod that nothing owns, whose proxy was told by hand whom to ask: only that istiod knows of it. */
const EDGE: EventAct = {
  event: {
    create: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'edge', namespace: 'outside', ...handWrittenGateway(MESH).metadata },
      spec: handWrittenGateway(MESH).spec,
    },
  },
};

/** A pod that nothing owns. */
const LONELY: EventAct = {
  event: {
    create: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'lonely', namespace: 'storefront', labels: { app: 'lonely' } },
      spec: { containers: [{ name: 'app', image: 'registry.example/shop/lonely:1.0.0' }] },
    },
  },
};

/** What the step of the workflow gives: each run corrects what the one before was refused for, and meets something else. */
const inputs: readonly Act[] = [
  refused(['input-not-usable'], { timeout: 'soon' }),
  refused(['kubeconfig-not-usable', 'input context'], { context: 'production' }),
  refused(['cluster-unreachable', 'Check the server'], {}, { credential: 'server-not-there' }),
  refused(['credentials-refused', 'Renew it'], {}, { credential: 'token-not-taken' }),
  refused(['credentials-not-obtained', 'Install'], {}, { credential: 'plugin-not-there' }),
  refused(['cluster-not-expected', 'Correct the secret or the context'], {
    'expect-cluster': '00000000-0000-4000-8000-000000000000',
  }),
  refused(['istioctl-not-acquired'], {}, { mirror: 'corrupt' }),
  refused(['namespace-not-found', 'Correct the input canary-namespaces'], {
    'canary-namespaces': 'nowhere',
  }),
  refused(['namespace-not-in-mesh', 'Choose a namespace that is in the mesh'], {
    'canary-namespaces': 'outside',
  }),
  refused(['no-namespace-selected', 'Correct the input canary-namespaces'], {
    'canary-namespaces': 'team=none',
  }),
  refused(['tag-is-a-revision', 'Correct the inputs canary-tag'], { 'canary-tag': MESH }),
  refused(['version-not-offered', 'Give a whole version'], { version: '1.99' }),
  refused(['hop-too-far', 'Upgrade to the latest patch of 1.32 first'], { version: '1.33.0' }),
  good({ version: '1.32.0' }),
  refused(['revision-taken', 'Give another name with the input revision'], { revision: MESH }),
  refused(['no-control-plane', 'Give the input istio-namespace'], { 'istio-namespace': 'outside' }),
  good({ version: NEW, revision: 'green', 'istio-namespace': 'istio-system', timeout: '3m' }),
];

const configuration: readonly Act[] = [
  refused(['set-value-not-usable', 'write it into an IstioOperator file'], {
    set: 'meshConfig.connectTimeout=0x1p4',
  }),
  refused(['configuration-not-rendered', 'Correct the inputs config and set'], { set: 'profile=nowhere' }),
  refused(['configuration-renders-shared', 'Else disable it (components.cni.enabled: false)'], {
    set: 'components.cni.enabled=true',
  }),
  refused(['configuration-other-version', 'set to 1.31.0'], { set: `tag=${OLD}` }),
  refused(['configuration-placeholder', 'Fill it in'], {
    set: `tag=${NEW}\nmeshConfig.trustDomain=\${DOMAIN}`,
  }),
  good({ set: `profile=minimal\ntag=${NEW}\nmeshConfig.trustDomain=shop.example` }),
];

const install = (revision: string): EventAct => ({
  event: { istioctl: ['install', '--set', 'profile=minimal', '--revision', revision, '-y'] },
});

/** What is wrong in the mesh: each is mended as the remedy says before the next precheck, which meets the next. */
const mesh: readonly Act[] = [
  { event: { scale: istiod(MESH), to: 0 } },
  refused(['current-control-plane-not-ready']),
  { event: { scale: istiod(MESH), to: 1 } },
  { event: { delete: `Service istio-system/istiod-${MESH}` } },
  refused(['current-control-plane-incomplete']),
  install(MESH),
  install('blue'),
  { event: { istioctl: ['tag', 'set', 'lost', '--revision', 'blue', '-y'] } },
  refused(['other-revision-present', 'istioctl uninstall --revision blue']),
  { event: { obey: 'other-revision-present' } },
  refused(['tag-dangles', 'istioctl tag set lost']),
  { event: { obey: 'tag-dangles' } },
  good(),
  { event: { delete: WEBHOOK } },
  refused(['default-webhook-missing', 'istioctl tag set default']),
  { event: { obey: 'default-webhook-missing' } },
  { event: { delete: 'ValidatingWebhookConfiguration istiod-default-validator' } },
  refused(['default-validator-missing', 'istioctl tag set default']),
  { event: { obey: 'default-validator-missing' } },
  good(),
  metadata('Namespace outside', { labels: { 'istio.io/rev': TARGET } }),
  refused(['namespace-chooses-target-already', 'take the label away']),
  { event: { obey: 'namespace-chooses-target-already' } },
  metadata('Namespace storefront', {
    annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/Namespace:shop/storefront' },
  }),
  refused(['git-owns-labels', 'in Git: to istio-injection=enabled']),
  metadata('Namespace storefront', { labels: { 'istio.io/rev': null, 'istio-injection': 'enabled' } }),
  {
    event: {
      create: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'empty', labels: { 'istio.io/rev': MESH } },
      },
    },
  },
  refused(['canary-shows-nothing', 'Choose a namespace'], { 'canary-namespaces': 'empty' }),
  good({ 'canary-namespaces': 'catalog' }),
];

const promote = (
  then: Omit<RunAct['then'], 'outcome'> & Partial<RunAct['then']>,
  more: Omit<RunAct, 'run' | 'then'> = {},
): RunAct => ({
  run: 'promote',
  ...more,
  then: { outcome: 'refused', asked: 'no-write', ...then },
});
const REMOVE = { 'remove-old': 'true', 'remove-old-after': '0s' } as const;

const nightlyFor = (revision: string): EventAct => ({
  event: {
    patch: 'CronJob outside/nightly',
    with: {
      spec: { jobTemplate: { spec: { template: { metadata: { labels: { 'istio.io/rev': revision } } } } } },
    },
  },
});

/** The lock is taken for a removal, and nothing else is written. */
const held = (then: Pick<AfterRun, 'errors' | 'says'>): RunAct => ({
  run: 'promote',
  inputs: { ...REMOVE, 'allow-stragglers': 'outside/*' },
  patience: 'short',
  then: { outcome: 'refused', state: 'promoted', exists: [istiod(MESH)], ...then },
});

const canaryWith = (inputs: Readonly<Record<string, string>>): RunAct => ({
  run: 'canary',
  inputs: { ...PRECHECK, ...inputs },
  then: { outcome: 'succeeded', state: 'canary' },
});

const ROLE = parseAllDocuments(
  readFileSync(new URL('../../../roles/canary.yaml', import.meta.url), 'utf8'),
).map((document) => document.toJS() as ClusterObject);

/** The role's documents are bound to the viewer, as docs/permissions.md says. */
const BINDINGS = ROLE.map(({ kind, metadata: { name, namespace } }): ClusterObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: `${kind}Binding`,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'nobody' }],
}));

const GRANTED = [...ROLE, ...BINDINGS];

const refOf = ({ kind, metadata: { name, namespace } }: ClusterObject): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

/** Each remedy is done as it is written: what it says is tried, and gets on (issue 10). */
export const remedies: readonly Scenario[] = [
  ...(
    [
      ['inputs', 'what the workflow gives', inputs, 'as-it-was'],
      ['configuration', 'what would be installed', configuration, 'as-it-was'],
      ['mesh', 'what is wrong in the mesh', mesh, 'changed'],
    ] as const
  ).map(([id, what, acts, leaves]): Scenario => ({
    id: `remedy-${id}`,
    shows: `${what}, mended as each remedy says: no error comes back, and in the end precheck is green`,
    mesh: MESH,
    leaves,
    testbed: 'if-asked',
    acts,
  })),
  {
    id: 'remedy-permission',
    shows: 'a credential that may nothing is bound to the role that the remedy names, and that is enough',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        run: 'canary',
        inputs: PRECHECK,
        credential: 'viewer',
        then: {
          outcome: 'refused',
          asked: 'no-write',
          ...because('permission-missing', 'Bind its user to roles/canary.yaml'),
        },
      },
      ...GRANTED.map((object) => ({ event: { create: object } })),
      { keep: 'granted' },
      { ...CANARY, credential: 'viewer' },
      { run: 'rollback', then: wayBack(MESH, 'granted') },
      ...GRANTED.map((object) => ({ event: { delete: refOf(object) } })),
    ],
  },
  {
    id: 'remedy-canary',
    shows:
      'what stops a canary, mended as each remedy says: the next one meets something else, the last succeeds',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      { event: { lock: 'held' } },
      {
        run: 'canary',
        inputs: PRECHECK,
        then: { outcome: 'refused', asked: 'no-write', ...because('locked', 'Wait') },
      },
      { event: { lock: 'free' } },
      {
        run: 'canary',
        inputs: PRECHECK,
        credential: 'server-not-proved',
        then: { outcome: 'refused', asked: 'no-write', ...because('api-server-not-proved') },
      },
      {
        run: 'canary',
        inputs: { ...PRECHECK, set: 'hub=broken.example' },
        patience: 'short',
        then: { outcome: 'failed', ...because('control-plane-not-ready', 'Remove the cause') },
      },
      { event: { fault: 'proxy-stale', workload: 'Deployment storefront/cart', revision: TARGET } },
      {
        run: 'canary',
        inputs: PRECHECK,
        patience: 'short',
        then: { outcome: 'failed', ...because('proxy-behind', 'Look at the pod') },
      },
      { event: { heal: 'Deployment storefront/cart' } },
      { event: { scale: istiod(TARGET), to: 0 } },
      {
        run: 'canary',
        inputs: PRECHECK,
        then: { outcome: 'refused', asked: 'no-write', ...because('target-scaled-to-zero', 'kubectl scale') },
      },
      { event: { scale: istiod(TARGET), to: 1 } },
      { run: 'canary', inputs: PRECHECK, then: { ...CANARY.then, outcome: 'no-changes' } },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'remedy-promote',
    shows: 'what stops a promote, mended as each remedy says, until the mesh is promoted',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      promote(because('no-canary', 'Run canary first'), { inputs: { version: NEW } }),
      CANARY,
      { event: { fault: 'never-ready', workload: 'Deployment catalog/products', revision: TARGET } },
      {
        run: 'promote',
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'promoting',
          ...because('workload-not-ready', 'run the phase again'),
        },
      },
      {
        run: 'canary',
        inputs: PRECHECK,
        then: {
          outcome: 'refused',
          asked: 'no-write',
          ...because('wrong-state', 'run promote again, or rollback'),
        },
      },
      { event: { heal: 'Deployment catalog/products' } },
      promote(because('removal-too-early', 'Run promote without remove-old'), {
        inputs: { 'remove-old': 'true' },
      }),
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', ...allNew() } },
      ready('Deployment catalog/products', 'never'),
      promote(
        {
          errors: ['pod-not-ready', 'workload-not-ready'],
          says: [{ id: 'pod-not-ready', remedy: 'run the phase again' }],
        },
        { patience: 'short' },
      ),
      ready('Deployment catalog/products', null, 'rolled-out'),
      { run: 'promote', then: { outcome: 'no-changes', asked: 'no-write' } },
      { run: 'rollback', then: { ...wayBack(MESH), labels: labels(MESH) } },
    ],
  },
  {
    id: 'remedy-removal',
    shows: 'what holds the removal of the old control plane, mended as each remedy says, until it is gone',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      LONELY,
      canaryWith({ 'allow-stragglers': 'storefront/lonely' }),
      { event: { create: pinnedCronJob(MESH) } },
      promote(
        because('template-pins-revision', `Change the label istio.io/rev of its template to ${TARGET}`),
        {
          inputs: { 'allow-stragglers': 'storefront/lonely' },
        },
      ),
      nightlyFor(TARGET),
      EDGE,
      { event: { quiet: true } },
      promote(because('unknown-proxy-connected', 'allow-stragglers: outside/edge'), {
        inputs: { 'allow-stragglers': 'storefront/lonely' },
      }),
      {
        run: 'promote',
        inputs: { 'allow-stragglers': 'storefront/lonely,outside/*' },
        then: { outcome: 'succeeded', state: 'promoted' },
      },
      promote(because('straggler-holds-removal', 'gone, run it with remove-old'), {
        inputs: { ...REMOVE, 'allow-stragglers': 'storefront/lonely,outside/*' },
      }),
      { event: { delete: 'Pod storefront/lonely' } },
      nightlyFor(MESH),
      held(because('still-in-use', 'Change the label istio.io/rev of its template')),
      nightlyFor(TARGET),
      held(because('still-connected', 'Restart or remove it')),
      { event: { delete: 'Pod outside/edge' } },
      { run: 'promote', inputs: REMOVE, then: { outcome: 'succeeded', state: 'completed' } },
    ],
  },
  {
    id: 'remedy-removal-unfinished',
    shows:
      'a control plane that is removed in part is told by each phase, and the removal alone finishes it: no phase finds nothing to do',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      canaryWith({}),
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted' } },
      { event: { delete: istiod(MESH) } },
      { event: { quiet: true } },
      refused(['removal-unfinished', 'Run promote with remove-old: true']),
      promote(because('removal-unfinished', 'Run promote with remove-old: true')),
      {
        run: 'promote',
        inputs: REMOVE,
        then: { outcome: 'succeeded', state: 'completed', default: TARGET },
      },
      { run: 'precheck', inputs: PRECHECK, then: { outcome: 'no-changes' } },
      // CI applies the namespace as it was.
      metadata('Namespace storefront', { labels: { 'istio.io/rev': MESH } }),
      promote(because('namespace-chooses-nothing', 'where its labels are kept, then run promote again')),
      { event: { obey: 'namespace-chooses-nothing' } },
      { run: 'promote', then: { outcome: 'no-changes', state: 'completed' } },
    ],
  },
  {
    id: 'remedy-rollback-stragglers',
    shows:
      'what no rollback takes back is told before it, without an advice that leads nowhere; all else goes back, and what it says gets on',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      canaryWith({}),
      LONELY,
      { event: { quiet: true } },
      {
        run: 'rollback',
        inputs: { 'dry-run': 'true' },
        then: {
          outcome: 'succeeded',
          tells: ['pod-will-not-move Pod storefront/lonely'],
          asked: 'no-write',
        },
      },
      {
        run: 'rollback',
        patience: 'short',
        then: {
          outcome: 'failed',
          ...because('pod-will-not-move', 'kubectl delete pod lonely -n storefront'),
        },
      },
      { event: { delete: 'Pod storefront/lonely' } },
      { run: 'rollback', then: { outcome: 'rolled-back', same: 'start' } },
    ],
  },
];
