/** Where a control plane is. */
export interface Home {
  /** Empty for the one without a revision. */
  readonly revision: string;
  readonly namespace: string;
}

type Expression = Readonly<{ key: string; operator: string; values?: readonly string[] }>;

const REVISION = 'istio.io/rev';
const INJECTION = 'istio-injection';
const INJECT = 'sidecar.istio.io/inject';

const isOne = (key: string, ...values: string[]): Expression => ({ key, operator: 'In', values });
const isNot = (key: string, ...values: string[]): Expression => ({ key, operator: 'NotIn', values });
const absent = (key: string): Expression => ({ key, operator: 'DoesNotExist' });

/** What a webhook selects: expressions on the namespace's labels, and on the pod's. */
type Selection = readonly [prefix: string, namespace: readonly Expression[], pod: readonly Expression[]];

/** Pods that name a revision or tag, by their namespace or, where that has no label, by themselves. */
const byName = (name: string): Selection[] => [
  ['rev.namespace.', [isOne(REVISION, name), absent(INJECTION)], [isNot(INJECT, 'false')]],
  ['rev.object.', [absent(REVISION), absent(INJECTION)], [isNot(INJECT, 'false'), isOne(REVISION, name)]],
];

/** Pods that ask for injection without a name: those of the default. */
const BY_DEFAULT: readonly Selection[] = [
  ['namespace.', [isOne(INJECTION, 'enabled')], [isNot(INJECT, 'false')]],
  ['object.', [absent(INJECTION), absent(REVISION)], [isOne(INJECT, 'true'), absent(REVISION)]],
];

/** Pods that say nothing, in namespaces that say nothing: only where `enableNamespacesByDefault` is set (case M06). */
const EVERYWHERE: Selection = [
  'auto.',
  [
    absent(INJECTION),
    absent(REVISION),
    isNot(
      'kubernetes.io/metadata.name',
      'kube-system',
      'kube-public',
      'kube-node-lease',
      'local-path-storage',
    ),
  ],
  [absent(INJECT), absent(REVISION)],
];

/** What a default is asked for. */
const byDefault = (everywhere: boolean): readonly Selection[] =>
  everywhere ? [...BY_DEFAULT, EVERYWHERE] : BY_DEFAULT;

/** Until 1.9: by the namespace alone. */
const byNamespaceAlone = (name: string): Selection =>
  name === ''
    ? ['', [isOne(INJECTION, 'enabled')], []]
    : ['', [isOne(REVISION, name), absent(INJECTION)], []];

/** Matches nothing: how the injector of the control plane without a revision is switched off. */
const NEVER = { matchLabels: { 'istio.io/deactivated': 'never-match' } };

export function istiodName({ revision }: Home): string {
  return `istiod${revision === '' ? '' : `-${revision}`}`;
}

/** A name that carries the namespace only where it is not Istio's usual one. */
export function clusterWideName(name: string, { namespace }: Home): string {
  return namespace === 'istio-system' ? name : `${name}-${namespace}`;
}

/**
 * The injecting webhooks of a revision, or of a tag.
 *
 * @param everywhere whether a default injects in namespaces without labels, too
 */
export function injectors(home: Home, name: string, isDefault: boolean, everywhere = false): object[] {
  return selecting(home, [...byName(name), ...(isDefault ? byDefault(everywhere) : [])]);
}

/** The one webhook of an injector until 1.9. */
export function oldInjector(home: Home): object[] {
  return selecting(home, [byNamespaceAlone(home.revision)]);
}

function selecting(home: Home, selections: readonly Selection[]): object[] {
  return selections.map(([prefix, namespace, pod]) => ({
    ...injector(home, prefix),
    namespaceSelector: { matchExpressions: namespace },
    objectSelector: { matchExpressions: pod },
  }));
}

/** A webhook that is there, and switched off. */
export function switchedOff(webhook: object): object {
  return { ...webhook, namespaceSelector: NEVER, objectSelector: NEVER };
}

function injector(home: Home, prefix: string): object {
  return {
    name: `${prefix}sidecar-injector.istio.io`,
    admissionReviewVersions: ['v1'],
    clientConfig: { service: serviceOf(home, '/inject') },
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    reinvocationPolicy: 'Never',
    rules: [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: '*' },
    ],
    sideEffects: 'None',
    timeoutSeconds: 10,
  };
}

/**
 * A validating webhook: of a revision for the objects that name it, of the default for those that name none. It ignores
 * that nobody answers, until its istiod is there and changes that.
 */
export function validator(home: Home, which: 'revision' | 'default' | 'all'): object {
  const own = which === 'revision';
  const chosen = own ? isOne(REVISION, home.revision === '' ? 'default' : home.revision) : absent(REVISION);
  return {
    name: own ? 'rev.validation.istio.io' : 'validation.istio.io',
    admissionReviewVersions: ['v1'],
    clientConfig: { service: serviceOf(home, '/validate') },
    failurePolicy: 'Ignore',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: which === 'all' ? {} : { matchExpressions: [chosen] },
    rules: [
      {
        apiGroups: ['security.istio.io', 'networking.istio.io', 'telemetry.istio.io', 'extensions.istio.io'],
        apiVersions: ['*'],
        operations: ['CREATE', 'UPDATE'],
        resources: ['*'],
        scope: '*',
      },
    ],
    sideEffects: 'None',
    timeoutSeconds: 10,
  };
}

function serviceOf(home: Home, path: string): object {
  return { name: istiodName(home), namespace: home.namespace, path, port: 443 };
}
