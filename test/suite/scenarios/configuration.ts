import type { EventAct, MeshRevision, RunAct, Scenario } from '../scenario.ts';
import { allNew, canaryOf } from './shop.ts';

const BOUND = 'bound-to-old-revision';

const REMOVE = { 'remove-old': 'true', 'remove-old-after': '0s' };

const create = (
  apiVersion: string,
  kind: string,
  name: string,
  { namespace, labels, spec }: { namespace: string; labels?: Record<string, string>; spec: object },
): EventAct => ({
  event: { create: { apiVersion, kind, metadata: { name, namespace, ...(labels && { labels }) }, spec } },
});

/** Labelled as by a kustomization that labels the namespace, too. */
const policy = (mesh: MeshRevision, namespace: string): EventAct =>
  create('security.istio.io/v1', 'AuthorizationPolicy', 'nobody', {
    namespace,
    labels: { 'istio.io/rev': mesh },
    spec: {},
  });

const route = (name: string, namespace: string, host: string, labels?: Record<string, string>): EventAct =>
  create('networking.istio.io/v1', 'VirtualService', name, {
    namespace,
    ...(labels && { labels }),
    spec: { hosts: [name], tls: [{ route: [{ destination: { host } }] }] },
  });

const refused = (
  run: 'precheck' | 'canary' | 'promote',
  about: readonly string[],
  inputs: Readonly<Record<string, string>> = {},
): RunAct => ({
  run,
  inputs: { ...(run === 'promote' ? {} : { 'canary-namespaces': 'storefront' }), ...inputs },
  then: {
    outcome: 'refused',
    errors: [BOUND],
    about,
    says: [{ id: BOUND, message: ['alone reads it'], remedy: 'kubectl label' }],
    asked: 'no-write',
  },
});

const obeyed: EventAct = { event: { obey: BOUND } };

/** Configuration that one istiod alone reads, and a way to one istiod. */
export const configuration: readonly Scenario[] = (['1-30-3', 'default'] as const).map((mesh) => ({
  id: mesh === 'default' ? 'configuration-by-default' : 'configuration-by-revision',
  shows:
    'no proxy moves away from policies and routes that the old istiod alone reads, and no way to that istiod is left behind',
  mesh,
  leaves: 'changed',
  testbed: 'if-asked',
  acts: [
    policy(mesh, 'storefront'),
    policy(mesh, 'catalog'),
    // Istio's own, which it brought for that revision.
    create('networking.istio.io/v1alpha3', 'EnvoyFilter', 'stats', {
      namespace: 'istio-system',
      labels: { 'istio.io/rev': mesh, 'operator.istio.io/managed': 'Reconcile' },
      spec: {},
    }),
    // Nobody's: a tag is no revision, and without a proxy there is nothing to lose.
    policy(mesh, 'kube-public'),
    route('of-a-tag', 'catalog', 'web', { 'istio.io/rev': 'stable' }),
    refused('precheck', ['AuthorizationPolicy catalog/nobody', 'AuthorizationPolicy storefront/nobody']),
    refused('canary', ['AuthorizationPolicy storefront/nobody']),
    obeyed,
    // Clients anywhere do without it.
    route('far', 'catalog', 'web', { 'istio.io/rev': mesh }),
    refused('canary', ['VirtualService catalog/far']),
    obeyed,
    canaryOf('storefront', ['storefront'], mesh),
    refused('promote', ['AuthorizationPolicy catalog/nobody']),
    route(
      'istiod',
      'istio-system',
      `istiod${mesh === 'default' ? '' : `-${mesh}`}.istio-system.svc.cluster.local`,
    ),
    {
      run: 'promote',
      inputs: { acknowledge: 'AuthorizationPolicy/catalog/nobody' },
      then: {
        outcome: 'succeeded',
        state: 'promoted',
        tells: [
          `${BOUND} AuthorizationPolicy catalog/nobody`,
          'still-in-use VirtualService istio-system/istiod',
        ],
        ...allNew(),
      },
    },
    {
      run: 'promote',
      inputs: REMOVE,
      then: {
        outcome: 'refused',
        errors: [BOUND, 'still-in-use'],
        about: ['AuthorizationPolicy catalog/nobody', 'VirtualService istio-system/istiod'],
        says: [{ id: BOUND, message: ['nobody reads it'] }],
        asked: 'no-write',
      },
    },
    obeyed,
    { event: { delete: 'VirtualService istio-system/istiod' } },
    {
      run: 'promote',
      inputs: REMOVE,
      then: {
        outcome: 'succeeded',
        state: 'completed',
        exists: ['AuthorizationPolicy catalog/nobody'],
        ...allNew(),
      },
    },
  ],
}));
