import { type Feature, type Form, FROM, ownLabels } from './feature.ts';
import { type Manifest, type Traits, namespace, workload } from './workloads.ts';

/** As Istio's chart makes a gateway: the injector fills in its own container. */
const GATEWAY: Traits = {
  podAnnotations: { 'inject.istio.io/templates': 'gateway' },
  podSpec: { containers: [{ name: 'istio-proxy', image: 'auto' }] },
};

const GATEWAY_API = 'gateway.networking.k8s.io';

const definition = (kind: string, plural: string, scope: 'Namespaced' | 'Cluster'): Manifest => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: `${plural}.${GATEWAY_API}`,
    annotations: {
      'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/2997',
      [`${GATEWAY_API}/bundle-version`]: 'v1.6.0',
      [`${GATEWAY_API}/channel`]: 'standard',
    },
  },
  spec: {
    group: GATEWAY_API,
    names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
    scope,
    // istioctl's precheck asks for the older one (IST0156), and the API's own releases serve both.
    versions: ['v1', 'v1beta1'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      subresources: { status: {} },
    })),
  },
});

/** A Gateway of the Kubernetes Gateway API, with the CRDs that it needs: istiod makes its workload. */
const apiGateway = (home: string, labels: Readonly<Record<string, string>> = {}): Manifest[] => [
  definition('GatewayClass', 'gatewayclasses', 'Cluster'),
  definition('Gateway', 'gateways', 'Namespaced'),
  {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: 'Gateway',
    metadata: { name: 'web', namespace: home, labels },
    spec: {
      gatewayClassName: 'istio',
      listeners: [
        { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'Same' } } },
      ],
    },
  },
];

const OF_OTHERS: Traits = { podLabels: { [`${GATEWAY_API}/gateway-name`]: 'nginx' } };

const PROFILE = ['profile=default'];
const CNI = ['profile=minimal', 'components.cni.enabled=true'];
const LOGGED = ['meshConfig.accessLogFile=/dev/stdout'];

/** cert-manager's istio-csr: a CA of the mesh's own, in place of istiod. */
const SIGNED = ['values.global.caAddress=cert-manager-istio-csr.cert-manager.svc:443'];

const pointing = (tag: string) => (form: Form) => ['tag', 'set', tag, '--revision', form, '-y'];

/** What revisions share, and what goes along with an upgrade: gateways of each kind, Istio CNI, configuration. */
export const SHARED_FEATURES = {
  'injected-gateway': {
    besideOnly: true,
    objects: (form) => [namespace('edge', ownLabels(form)), workload('edge', 'ingress', GATEWAY)],
  },
  'installed-gateway': {
    settings: PROFILE,
    asked: [{ set: PROFILE }, { set: PROFILE, gateways: 'with-install' }],
  },
  'gateway-by-tag': {
    besideOnly: true,
    install: pointing('edges'),
    objects: () => [
      namespace('edges'),
      workload('edges', 'egress', { ...GATEWAY, podLabels: { 'istio.io/rev': 'edges' } }),
    ],
  },
  'gateway-recreated': {
    besideOnly: true,
    objects: (form) => [
      namespace('gaps', ownLabels(form)),
      workload('gaps', 'ingress', { ...GATEWAY, spec: { strategy: { type: 'Recreate' } } }),
    ],
  },
  'api-gateway': {
    besideOnly: true,
    objects: (form) => [namespace('apiedge', ownLabels(form)), ...apiGateway('apiedge')],
  },
  'api-gateway-in-canary': { besideOnly: true, objects: () => apiGateway('first') },
  'api-gateway-by-default': {
    besideOnly: true,
    objects: () => [namespace('apidefault'), ...apiGateway('apidefault')],
  },
  'api-gateway-by-tag': {
    besideOnly: true,
    install: pointing('apiedges'),
    objects: () => [namespace('apitag'), ...apiGateway('apitag', { 'istio.io/rev': 'apiedges' })],
  },
  'api-gateway-of-revision': {
    besideOnly: true,
    objects: (form) => [namespace('apiown'), ...apiGateway('apiown', { 'istio.io/rev': form })],
  },
  'api-gateway-of-nobody': {
    besideOnly: true,
    objects: () => [namespace('apilost'), ...apiGateway('apilost', { 'istio.io/rev': 'long-gone' })],
  },
  // Of another implementation of the Gateway API: its pods have the API's label, one more has a sidecar.
  'foreign-gateway': {
    objects: (form) => [
      namespace('foreignedge'),
      workload('foreignedge', 'nginx', OF_OTHERS),
      namespace('foreignmesh', ownLabels(form)),
      workload('foreignmesh', 'nginx', OF_OTHERS),
    ],
  },
  'cni-by-istioctl': {
    besideOnly: true,
    about: 'cni',
    settings: CNI,
    asked: [{ set: CNI, cni: 'with-install' }, { set: CNI, cni: 'with-install' }, {}],
  },
  'cni-elsewhere': {
    about: 'cni',
    objects: () => [
      workload('kube-system', 'istio-cni-node', {
        kind: 'DaemonSet',
        labels: { 'k8s-app': 'istio-cni-node' },
        podSpec: {
          containers: [{ name: 'install-cni', image: `docker.io/istio/install-cni:${FROM.version}` }],
        },
      }),
    ],
  },
  configured: {
    settings: LOGGED,
    asked: [{ set: LOGGED }, { set: LOGGED }, { acknowledge: ['meshConfig.accessLogFile'] }],
  },
  'own-ca': { word: 'caAddress', settings: SIGNED, asked: [{ set: SIGNED }] },
  'two-istiods': {
    after: (form) => [
      {
        actor: 'scale',
        object: `Deployment istio-system/istiod${form === 'default' ? '' : `-${form}`}`,
        to: 2,
      },
    ],
  },
} satisfies Record<string, Feature>;
