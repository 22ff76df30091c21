import type { Act, EventAct, MeshRevision, RunAct, Scenario } from '../scenario.ts';
import { LABELLED_BY_USERS, MESHES, NEW, OLD, TARGET, dataPlane, wayBack } from './shop.ts';

const MESH = '1-30-3';
const EDGE = 'Deployment edge/ingress';

/** A gateway as Istio's chart makes it: its own container, which an injector fills in. */
const gateway = (
  labels: Readonly<Record<string, string>>,
  replicas = 2,
  marks: object = { labels: { app: 'ingress' } },
): EventAct => ({
  event: {
    create: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'ingress', namespace: 'edge', ...marks },
      spec: {
        replicas,
        selector: { matchLabels: { app: 'ingress' } },
        template: {
          metadata: {
            labels: { app: 'ingress', 'sidecar.istio.io/inject': 'true', ...labels },
            annotations: { 'inject.istio.io/templates': 'gateway' },
          },
          spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] },
        },
      },
    },
  },
});

/** As a release of Istio's chart for gateways, which Helm has installed. */
const OF_HELM = {
  labels: { app: 'ingress', 'app.kubernetes.io/managed-by': 'Helm', 'helm.sh/chart': 'gateway-1.30.3' },
  annotations: { 'meta.helm.sh/release-name': 'ingress', 'meta.helm.sh/release-namespace': 'edge' },
};

/** As `helm upgrade --set revision=…` does it. */
const chooses = (revision: string): EventAct => ({
  event: {
    patch: EDGE,
    with: { spec: { template: { metadata: { labels: { 'istio.io/rev': revision } } } } },
    until: 'rolled-out',
  },
});

const namespace = (labels: Readonly<Record<string, string>>): EventAct => ({
  event: { create: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edge', labels } } },
});

const plane = (moved: readonly string[], edge: string) => ({ ...dataPlane(MESH, moved), edge });

/** The rest follows in promote, the gateway with it, and all of it goes back. */
const promotedAndBack: readonly Act[] = [
  {
    run: 'promote',
    again: true,
    then: {
      outcome: 'succeeded',
      state: 'promoted',
      dataPlane: plane(['catalog', 'checkout', 'legacy', 'storefront'], `${TARGET}@${NEW}`),
      connected: { [TARGET]: 'all', [MESH]: 'none' },
    },
  },
  {
    run: 'rollback',
    then: { ...wayBack(MESH, 'edge'), dataPlane: plane([], `${MESH}@${OLD}`) },
  },
  { event: { delete: 'Namespace edge' } },
];

export const INGRESS = 'Deployment istio-system/istio-ingressgateway';
/** As the mesh was installed; all phases are told. */
export const PROFILE = { set: 'profile=default' };

export const installedIn = (mesh: MeshRevision, moved: readonly string[], gateway: string) => ({
  ...dataPlane(mesh, moved),
  'istio-system': gateway,
});

/** With the gateway of istioctl's default profile, and what else is set. */
export const withIngress = (mesh: MeshRevision, ...set: readonly string[]): readonly Act[] => [
  {
    event: {
      istioctl: [
        ...['install', '-y', ...['profile=default', ...set].flatMap((line) => ['--set', line])],
        ...(mesh === 'default' ? [] : ['--revision', mesh]),
      ],
    },
  },
  { event: { quiet: true } },
  { keep: 'ingress' },
];

/** Told of nothing that the configuration makes. */
const DIFFERS = 'gateway-differs-from-configuration';

const canaryBeside = (mesh: MeshRevision): RunAct => ({
  run: 'canary',
  inputs: { 'canary-namespaces': 'storefront', ...PROFILE },
  then: {
    outcome: 'succeeded',
    state: 'canary',
    dataPlane: installedIn(mesh, ['storefront'], `${mesh}@${OLD}`),
    connected: { [TARGET]: 'some', [mesh]: 'some' },
    hides: [DIFFERS],
  },
});

const allMoved = installedIn(MESH, ['catalog', 'checkout', 'legacy', 'storefront'], `${TARGET}@${NEW}`);

const MORE_REPLICAS = {
  set: 'profile=default\nvalues.gateways.istio-ingressgateway.autoscaleMax=7',
} as const;

/** There, back, and there for good. */
const installed = (mesh: MeshRevision): Scenario => ({
  id: mesh === 'default' ? 'gateway-installed-unrevisioned' : 'gateway-installed',
  shows:
    'H22, H23, T17: the gateway that istioctl installed stays as it is in canary, moves in promote, goes back before the canary is removed, and is there after the old control plane has gone',
  mesh,
  leaves: 'changed',
  probed: 'always',
  ...(mesh === 'default' ? { played: 'if-asked' as const } : {}),
  acts: [
    ...withIngress(mesh),
    canaryBeside(mesh),
    {
      run: 'promote',
      inputs: PROFILE,
      again: true,
      then: {
        outcome: 'succeeded',
        state: 'promoted',
        dataPlane: allMoved,
        connected: { [TARGET]: 'all', [mesh]: 'none' },
        hides: [DIFFERS],
      },
    },
    {
      run: 'canary',
      inputs: {
        'canary-namespaces': 'storefront',
        set: 'profile=default\nmeshConfig.enableTracing=true',
      },
      then: {
        outcome: 'refused',
        errors: ['gateway-would-be-pruned'],
        about: [INGRESS],
        says: [{ id: 'gateway-would-be-pruned', remedy: 'Run rollback first' }],
        asked: 'no-write',
      },
    },
    {
      run: 'rollback',
      inputs: PROFILE,
      then: {
        ...wayBack(mesh, 'ingress'),
        dataPlane: installedIn(mesh, [], `${mesh}@${OLD}`),
        hides: [DIFFERS],
      },
    },
    canaryBeside(mesh),
    {
      run: 'promote',
      inputs: { ...PROFILE, 'remove-old': 'true', 'remove-old-after': '0s' },
      then: {
        outcome: 'succeeded',
        state: 'completed',
        dataPlane: allMoved,
        exists: [INGRESS, 'Service istio-system/istio-ingressgateway'],
        remains: { of: mesh, are: LABELLED_BY_USERS[mesh] },
      },
    },
  ],
});

/** cert-manager's istio-csr, in place of istiod. */
const CA = 'values.global.caAddress=cert-manager-istio-csr.cert-manager.svc:443';
const SIGNED = { set: `profile=default\n${CA}` };

/** Who signs certificates says nothing of whose mesh a proxy is of. */
const ownCa = (mesh: MeshRevision): Scenario => ({
  id: mesh === 'default' ? 'own-ca-unrevisioned' : 'own-ca',
  shows:
    'a mesh with a CA of its own goes to the target and back, sidecars and the gateway that istioctl installed',
  mesh,
  leaves: 'changed',
  // Nobody signs there: no proxy gets ready.
  testbed: 'never',
  ...(mesh === 'default' ? {} : { played: 'if-asked' as const }),
  acts: [
    ...withIngress(mesh, CA),
    // Born with it are all that come from now on.
    ...['storefront/frontend', 'storefront/cart', 'catalog/products'].map((name) => ({
      event: {
        patch: `Deployment ${name}`,
        with: { spec: { template: { metadata: { annotations: { restarted: 'once' } } } } },
        until: 'rolled-out' as const,
      },
    })),
    { keep: 'signed' },
    {
      run: 'precheck',
      inputs: { 'canary-namespaces': 'storefront', ...SIGNED },
      then: {
        outcome: 'succeeded',
        asked: 'no-write',
        hides: ['pod-without-sidecar', 'unknown-proxy-connected'],
      },
    },
    {
      run: 'canary',
      inputs: { 'canary-namespaces': 'storefront', ...SIGNED },
      then: {
        outcome: 'succeeded',
        state: 'canary',
        dataPlane: installedIn(mesh, ['storefront'], `${mesh}@${OLD}`),
      },
    },
    {
      run: 'promote',
      inputs: SIGNED,
      again: true,
      then: { outcome: 'succeeded', state: 'promoted', dataPlane: allMoved, connected: { [mesh]: 'none' } },
    },
    {
      run: 'rollback',
      inputs: SIGNED,
      then: { ...wayBack(mesh, 'signed'), dataPlane: installedIn(mesh, [], `${mesh}@${OLD}`) },
    },
  ],
});

const canary: RunAct = {
  run: 'canary',
  inputs: { 'canary-namespaces': 'storefront' },
  then: {
    outcome: 'succeeded',
    state: 'canary',
    dataPlane: plane(['storefront'], `${MESH}@${OLD}`),
  },
};

const EAST_WEST = 'Deployment istio-system/istio-eastwestgateway';
const CONTROL_PLANE = 'test/fixtures/gateways/cluster1.yaml';
const EAST_WEST_FILE = 'test/fixtures/gateways/eastwest.yaml';
const EGRESS = 'Deployment istio-system/istio-egressgateway';
/** It names no profile. */
const EGRESS_FILE = 'test/fixtures/gateways/egress.yaml';
/** Of the control plane's installation alone: in a gateway's own it would be about the gateways of that. */
const MOST = 'values.gateways.istio-ingressgateway.autoscaleMax=7';
/** What says which gateways there are, and how they are, is of `config` alone. */
const SEVERAL = {
  config: CONTROL_PLANE,
  'gateway-config': `${EAST_WEST_FILE}\n${EGRESS_FILE}`,
  set: `profile=default\ncomponents.pilot.enabled=true\n${MOST}`,
};

/** Istio's own layout for several clusters: an ingress gateway from `config`, east-west and egress ones from their own files. */
const fromFiles = (mesh: MeshRevision): Scenario => ({
  id: mesh === 'default' ? 'gateway-own-file-unrevisioned' : 'gateway-own-file',
  shows:
    'gateways that were installed from several files move in promote and go back, each rendered from its own file, and by no value that is of another one',
  mesh,
  leaves: 'changed',
  testbed: 'if-asked',
  ...(mesh === 'default' ? {} : { played: 'if-asked' as const }),
  acts: [
    ...[
      ['-f', CONTROL_PLANE, '--set', MOST],
      ['-f', EAST_WEST_FILE],
      ['-f', EGRESS_FILE, '--set', 'profile=empty'],
    ].map((what) => ({
      event: {
        istioctl: ['install', '-y', ...what, ...(mesh === 'default' ? [] : ['--revision', mesh])],
      },
    })),
    { event: { quiet: true } },
    { keep: 'both' },
    {
      run: 'canary',
      inputs: { 'canary-namespaces': 'storefront', config: CONTROL_PLANE, set: MOST },
      then: {
        outcome: 'refused',
        errors: ['gateway-not-in-configuration'],
        about: [EAST_WEST, EGRESS],
        says: [{ id: 'gateway-not-in-configuration', remedy: 'its own file as gateway-config' }],
        asked: 'no-write',
      },
    },
    {
      run: 'canary',
      inputs: { 'canary-namespaces': 'storefront', ...SEVERAL },
      then: {
        outcome: 'succeeded',
        state: 'canary',
        dataPlane: installedIn(mesh, ['storefront'], `${mesh}@${OLD}`),
        connected: { [TARGET]: 'some', [mesh]: 'some' },
        hides: [DIFFERS],
      },
    },
    {
      run: 'promote',
      inputs: SEVERAL,
      again: true,
      then: {
        outcome: 'succeeded',
        state: 'promoted',
        dataPlane: allMoved,
        connected: { [TARGET]: 'all', [mesh]: 'none' },
        exists: [INGRESS, EAST_WEST, EGRESS],
        hides: [DIFFERS],
      },
    },
    {
      run: 'rollback',
      inputs: { config: CONTROL_PLANE, set: MOST },
      then: {
        outcome: 'refused',
        errors: ['gateway-not-in-configuration'],
        about: [EAST_WEST, EGRESS],
        asked: 'no-write',
      },
    },
    {
      run: 'rollback',
      inputs: SEVERAL,
      then: {
        ...wayBack(mesh, 'both'),
        dataPlane: installedIn(mesh, [], `${mesh}@${OLD}`),
        hides: [DIFFERS],
      },
    },
  ],
});

const REMOVE = { 'remove-old': 'true', 'remove-old-after': '0s' } as const;
const STAYING = { ...PROFILE, 'allow-stragglers': 'istio-system/*' } as const;
const OUT_OF_IT = { id: 'still-in-use', remedy: 'Take it out of allow-stragglers' } as const;
const HELD = {
  outcome: 'refused',
  errors: ['still-in-use'],
  about: [INGRESS],
  says: [OUT_OF_IT],
  asked: 'no-write',
} as const;

/** Gateways into which an injector puts the proxy: by their namespace's label, by a tag, or by their own label. */
export const gateways: readonly Scenario[] = [
  ...MESHES.map(installed),
  ...MESHES.map(ownCa),
  ...MESHES.map(fromFiles),
  {
    id: 'gateway-not-in-configuration',
    shows:
      'a gateway that istioctl installed, and that config and set do not have, is refused before anything is touched',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      ...withIngress(MESH),
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront', set: 'profile=minimal' },
        then: {
          outcome: 'refused',
          errors: ['gateway-not-in-configuration'],
          about: [INGRESS],
          says: [{ id: 'gateway-not-in-configuration', remedy: 'set: profile=default' }],
          asked: 'no-write',
        },
      },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront', set: `profile=default\ntag=${NEW}` },
        then: {
          outcome: 'refused',
          errors: ['gateway-other-version'],
          about: [INGRESS],
          says: [{ id: 'gateway-other-version', remedy: 'Take the tag' }],
          asked: 'no-write',
        },
      },
      // With nothing at all it is istioctl's own default profile that renders it.
      { ...canaryBeside(MESH), inputs: { 'canary-namespaces': 'storefront' } },
      {
        run: 'promote',
        inputs: MORE_REPLICAS,
        then: { outcome: 'succeeded', state: 'promoted', tells: [`${DIFFERS} ${INGRESS}`] },
      },
      // What promote was given is not given to the way back.
      {
        run: 'rollback',
        inputs: PROFILE,
        then: {
          outcome: 'refused',
          errors: [DIFFERS],
          about: [INGRESS],
          says: [{ id: DIFFERS, remedy: 'Give rollback the inputs by which it was moved' }],
          asked: 'no-write',
        },
      },
      {
        run: 'rollback',
        inputs: { ...PROFILE, acknowledge: 'HorizontalPodAutoscaler/istio-ingressgateway' },
        then: { outcome: 'rolled-back', tells: [`${DIFFERS} ${INGRESS}`] },
      },
    ],
  },
  {
    id: 'gateway-stays-by-leave',
    shows:
      'a gateway that istioctl installed, with leave to stay on the control plane that is to be removed, is told before anything is touched, there and back; taken out of allow-stragglers it moves',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      ...withIngress(MESH),
      canaryBeside(MESH),
      { run: 'promote', inputs: PROFILE, then: { outcome: 'succeeded', state: 'promoted' } },
      { run: 'rollback', inputs: STAYING, then: HELD },
      {
        run: 'rollback',
        inputs: PROFILE,
        then: { ...wayBack(MESH, 'ingress'), dataPlane: installedIn(MESH, [], `${MESH}@${OLD}`) },
      },
      canaryBeside(MESH),
      // No pod of it tells.
      { event: { delete: 'HorizontalPodAutoscaler istio-system/istio-ingressgateway' } },
      { event: { scale: INGRESS, to: 0 } },
      { event: { quiet: true } },
      {
        run: 'promote',
        inputs: STAYING,
        then: { outcome: 'succeeded', state: 'promoted', tells: [`still-in-use ${INGRESS}`] },
      },
      { run: 'promote', inputs: { ...STAYING, ...REMOVE }, then: HELD },
      {
        run: 'promote',
        inputs: { ...PROFILE, ...REMOVE },
        then: { outcome: 'succeeded', state: 'completed', exists: [INGRESS] },
      },
    ],
  },
  {
    id: 'gateway-by-namespace',
    shows:
      'a gateway that its namespace has injected stays where it is in canary, moves in promote, and goes back',
    mesh: MESH,
    leaves: 'as-it-was',
    probed: 'if-asked',
    testbed: 'if-asked',
    acts: [
      namespace({ 'istio.io/rev': MESH }),
      gateway({}),
      { event: { scale: EDGE, to: 2 } },
      { keep: 'edge' },
      canary,
      ...promotedAndBack,
    ],
  },
  {
    id: 'gateway-by-tag',
    shows: 'a gateway that follows a tag moves with it',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      { event: { istioctl: ['tag', 'set', 'edge', '--revision', MESH, '-y'] } },
      namespace({ 'istio.io/rev': 'edge' }),
      gateway({}),
      { event: { scale: EDGE, to: 2 } },
      { keep: 'edge' },
      canary,
      ...promotedAndBack,
      { event: { istioctl: ['tag', 'remove', 'edge', '-y'] } },
    ],
  },
  {
    id: 'gateway-by-pod-label',
    shows: 'a gateway that chooses a tag by its own label moves with it',
    mesh: MESH,
    leaves: 'as-it-was',
    played: 'if-asked',
    testbed: 'if-asked',
    acts: [
      { event: { istioctl: ['tag', 'set', 'edge', '--revision', MESH, '-y'] } },
      namespace({}),
      gateway({ 'istio.io/rev': 'edge' }),
      { event: { scale: EDGE, to: 2 } },
      { keep: 'edge' },
      canary,
      ...promotedAndBack,
      { event: { istioctl: ['tag', 'remove', 'edge', '-y'] } },
    ],
  },
  {
    id: 'gateway-by-helm',
    shows:
      'a gateway of Istio’s chart with the value revision: canary leaves it, promote and rollback name the one value to change, and prove it once Helm has changed it',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      namespace({}),
      gateway({ 'istio.io/rev': MESH }, 2, OF_HELM),
      { event: { scale: EDGE, to: 2 } },
      { keep: 'edge' },
      {
        ...canary,
        then: { ...canary.then, tells: [`template-pins-revision ${EDGE}`] },
      },
      {
        run: 'promote',
        then: {
          outcome: 'refused',
          errors: ['template-pins-revision'],
          about: [EDGE],
          says: [
            {
              id: 'template-pins-revision',
              remedy: `helm upgrade ingress istio/gateway -n edge --reuse-values --set revision=${TARGET}`,
            },
          ],
          asked: 'no-write',
        },
      },
      chooses(TARGET),
      {
        run: 'promote',
        then: {
          outcome: 'succeeded',
          state: 'promoted',
          dataPlane: plane(['catalog', 'checkout', 'legacy', 'storefront'], `${TARGET}@${NEW}`),
          connected: { [TARGET]: 'all', [MESH]: 'none' },
        },
      },
      {
        run: 'rollback',
        then: {
          outcome: 'failed',
          state: 'rolling-back',
          errors: ['template-pins-revision'],
          about: [EDGE],
          says: [{ id: 'template-pins-revision', remedy: `--set revision=${MESH}` }],
          default: MESH,
          dataPlane: plane([], `${TARGET}@${NEW}`),
        },
      },
      chooses(MESH),
      {
        run: 'rollback',
        then: { ...wayBack(MESH, 'edge'), dataPlane: plane([], `${MESH}@${OLD}`) },
      },
      { event: { delete: 'Namespace edge' } },
    ],
  },
  {
    id: 'gateway-would-stop',
    shows:
      'a gateway whose own strategy would take all its pods at once is refused before anything is touched',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      namespace({ 'istio.io/rev': MESH }),
      gateway({}, 1),
      { event: { patch: EDGE, with: { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } } } },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'edge' },
        then: {
          outcome: 'refused',
          errors: ['gateway-would-stop'],
          about: [EDGE],
          says: [{ id: 'gateway-would-stop', remedy: 'maxUnavailable: 0' }],
          asked: 'no-write',
        },
      },
      {
        event: {
          patch: EDGE,
          with: { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } } } },
        },
      },
      { keep: 'edge' },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'edge' },
        then: { outcome: 'succeeded', state: 'canary', dataPlane: plane([], `${TARGET}@${NEW}`) },
      },
      {
        run: 'rollback',
        then: { ...wayBack(MESH, 'edge'), dataPlane: plane([], `${MESH}@${OLD}`) },
      },
      { event: { delete: 'Namespace edge' } },
    ],
  },
];
