import type { Act, EventAct, MeshRevision, Scenario } from '../scenario.ts';
import { NEW, OLD, TARGET, dataPlane, wayBack } from './shop.ts';

const WEB = 'Deployment edge/web-istio';

/** The CRDs of the Kubernetes Gateway API, as far as istiod makes something of them. */
const definition = (kind: string, plural: string, scope: 'Namespaced' | 'Cluster'): EventAct => ({
  event: {
    create: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: `${plural}.gateway.networking.k8s.io`,
        annotations: {
          'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/2997',
          'gateway.networking.k8s.io/bundle-version': 'v1.6.0',
          'gateway.networking.k8s.io/channel': 'standard',
        },
      },
      spec: {
        group: 'gateway.networking.k8s.io',
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
        scope,
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
            subresources: { status: {} },
          },
        ],
      },
    },
  },
});

const gateway = (labels: Readonly<Record<string, string>>): EventAct => ({
  event: {
    makes: WEB,
    create: {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'web', namespace: 'edge', labels },
      spec: {
        gatewayClassName: 'istio',
        listeners: [
          {
            name: 'http',
            port: 80,
            protocol: 'HTTP',
            allowedRoutes: { namespaces: { from: 'Same' } },
          },
        ],
      },
    },
  },
});

/** A namespace with a Gateway in it, whose Deployment and Service istiod makes. */
const edge = (
  home: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>> = {},
): readonly Act[] => [
  definition('GatewayClass', 'gatewayclasses', 'Cluster'),
  definition('Gateway', 'gateways', 'Namespaced'),
  {
    event: {
      create: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edge', labels: home } },
    },
  },
  gateway(own),
  { keep: 'edge' },
];

const gone: readonly Act[] = [
  { event: { delete: 'Namespace edge' } },
  { event: { delete: 'CustomResourceDefinition gateways.gateway.networking.k8s.io' } },
  { event: { delete: 'CustomResourceDefinition gatewayclasses.gateway.networking.k8s.io' } },
];

const plane = (mesh: MeshRevision, moved: readonly string[], at: string) => ({
  ...dataPlane(mesh, moved),
  edge: at,
});

const ALL = ['catalog', 'checkout', 'legacy', 'storefront'];

/** In canary a Gateway stays where it is, whatever of what it follows moves. */
const canary = (
  mesh: MeshRevision,
  inputs: Readonly<Record<string, string>>,
  moved = ['storefront'],
): Act => ({
  run: 'canary',
  inputs,
  again: true,
  then: {
    outcome: 'succeeded',
    state: 'canary',
    dataPlane: plane(mesh, moved, `${mesh}@${OLD}`),
    exists: ['Service edge/web-istio'],
  },
});

const promote = (mesh: MeshRevision): Act => ({
  run: 'promote',
  again: true,
  then: {
    outcome: 'succeeded',
    state: 'promoted',
    dataPlane: plane(mesh, ALL, `${TARGET}@${NEW}`),
    connected: { [TARGET]: 'all', [mesh]: 'none' },
  },
});

const back = (mesh: MeshRevision): Act => ({
  run: 'rollback',
  again: true,
  then: { ...wayBack(mesh, 'edge'), dataPlane: plane(mesh, [], `${mesh}@${OLD}`) },
});

/** From each state back, as it was: the Service with its address and node ports, too. */
const thereAndBack = (
  mesh: MeshRevision,
  inputs: Readonly<Record<string, string>>,
  moved?: string[],
): readonly Act[] => [
  canary(mesh, inputs, moved),
  back(mesh),
  canary(mesh, inputs, moved),
  promote(mesh),
  // Two istiods that both make its workload would roll it without end.
  { event: { quiet: true } },
  back(mesh),
];

/** istiod hands a Gateway's annotations on to its pods. */
const stale = (annotations: Readonly<Record<string, string | null>>): Act => ({
  event: { patch: 'Gateway edge/web', with: { metadata: { annotations } } },
});

const notBack = (outcome: 'failed' | 'refused'): Act => ({
  run: 'rollback',
  patience: 'short',
  then: { outcome, state: 'rolling-back', errors: ['proxy-behind'] },
});

const removal = (mesh: MeshRevision): readonly Act[] => [
  canary(mesh, { 'canary-namespaces': 'storefront' }),
  promote(mesh),
  {
    run: 'promote',
    inputs: { 'remove-old': 'true', 'remove-old-after': '0s' },
    again: true,
    then: {
      outcome: 'succeeded',
      state: 'completed',
      dataPlane: plane(mesh, ALL, `${TARGET}@${NEW}`),
      connected: { [TARGET]: 'all' },
      exists: ['Service edge/web-istio', WEB],
      validates: true,
    },
  },
];

/** Gateways of the Kubernetes Gateway API, whose workloads istiod makes and rolls by itself. */
export const gatewayApi: readonly Scenario[] = [
  {
    id: 'gateway-api-by-namespace',
    shows:
      'a Gateway of a namespace that moves in canary stays where it is until promote, and goes back from each state (H19)',
    mesh: '1-30-3',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      ...edge({ 'istio.io/rev': '1-30-3' }),
      ...thereAndBack('1-30-3', { 'canary-namespaces': 'storefront,edge' }),
      ...gone,
    ],
  },
  {
    id: 'gateway-api-by-tag',
    shows: 'a Gateway that names the tag which canary moves stays until promote',
    mesh: '1-30-3',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      { event: { istioctl: ['tag', 'set', 'edge', '--revision', '1-30-3', '-y'] } },
      {
        event: { patch: 'Namespace storefront', with: { metadata: { labels: { 'istio.io/rev': 'edge' } } } },
      },
      ...edge({}, { 'istio.io/rev': 'edge' }),
      ...thereAndBack('1-30-3', { 'canary-tag': 'edge' }),
      ...gone,
      {
        event: {
          patch: 'Namespace storefront',
          with: { metadata: { labels: { 'istio.io/rev': '1-30-3' } } },
        },
      },
      { event: { istioctl: ['tag', 'remove', 'edge', '-y'] } },
    ],
  },
  {
    id: 'gateway-api-by-default',
    shows:
      'a Gateway that follows the default does not roll when the default tag moves, but when it is its turn',
    mesh: '1-30-3',
    leaves: 'as-it-was',
    played: 'if-asked',
    testbed: 'if-asked',
    acts: [...edge({}), ...thereAndBack('1-30-3', { 'canary-namespaces': 'storefront' }), ...gone],
  },
  {
    id: 'gateway-api-unrevisioned',
    shows:
      'a Gateway that follows the default leaves a control plane without a revision before the default tag does: two istiods would roll it in turn without end',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [...edge({}), ...thereAndBack('default', { 'canary-namespaces': 'storefront' }), ...gone],
  },
  {
    id: 'gateway-api-unclear',
    shows:
      'a Gateway that nobody would roll is refused before anything is touched, with the command that helps',
    mesh: '1-30-3',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      ...edge({ 'istio.io/rev': '1-30-3' }),
      { event: { patch: 'Gateway edge/web', with: { metadata: { labels: { 'istio.io/rev': 'gone' } } } } },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: {
          outcome: 'refused',
          errors: ['gateway-claim-unclear'],
          about: ['Gateway edge/web'],
          asked: 'no-write',
        },
      },
      { event: { obey: 'gateway-claim-unclear' } },
      { event: { quiet: true } },
      { keep: 'edge' },
      canary('1-30-3', { 'canary-namespaces': 'storefront' }),
      back('1-30-3'),
      ...gone,
    ],
  },
  {
    id: 'gateway-api-not-seen',
    shows: 'a Gateway that a rollback has labelled and not seen through keeps the next from succeeding, too',
    mesh: '1-30-3',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      ...edge({ 'istio.io/rev': '1-30-3' }),
      canary('1-30-3', { 'canary-namespaces': 'storefront,edge' }),
      stale({ 'testbed/proxy': 'stale', 'testbed/only-revision': '1-30-3' }),
      notBack('failed'),
      // Nothing is mended, and nothing is left to write: the next must not pass for that.
      { event: { quiet: true } },
      notBack('refused'),
      stale({ 'testbed/proxy': null, 'testbed/only-revision': null }),
      back('1-30-3'),
      ...gone,
    ],
  },
  {
    id: 'gateway-api-removal',
    shows: 'a Gateway that names the old revision by its own label follows, and outlives it',
    mesh: '1-30-3',
    leaves: 'changed',
    acts: [...edge({}, { 'istio.io/rev': '1-30-3' }), ...removal('1-30-3')],
  },
  {
    id: 'gateway-api-removal-unrevisioned',
    shows: 'a Gateway without a label of its own has none again once the old control plane has gone',
    mesh: 'default',
    leaves: 'changed',
    played: 'if-asked',
    testbed: 'if-asked',
    acts: [...edge({}), ...removal('default')],
  },
];
