import type { Item } from './client.ts';
import { cni } from './cni.ts';
import type { Config } from './config.ts';
import { definitions } from './definitions.ts';
import { gateway } from './gateway.ts';
import { istiodDeployment, istiodService } from './istiod.ts';
import { type Traits, installedLabels } from './labels.ts';
import { keepsValues } from './releases.ts';
import { clusterWideName, deactivatedInjectors, injectors, istiodName, validator } from './webhooks.ts';

const RBAC = 'rbac.authorization.k8s.io';
const WEBHOOKS = 'admissionregistration.k8s.io/v1';

const VALUES =
  'This ConfigMap contains the Helm values used during chart rendering. This ConfigMap is rendered for debugging purposes and external tooling; modifying these values has no effect.';

/** Objects of an installation, by the component that istioctl reports on. */
export interface Rendered {
  readonly base: readonly Item[];
  readonly pilot: readonly Item[];
  readonly cni: readonly Item[];
  readonly gateways: readonly Item[];
}

/** What `install` applies, and `manifest generate` prints. */
export function render(config: Config, version: string): Rendered {
  const labels = (traits: Partial<Traits>): Readonly<Record<string, string>> =>
    installedLabels(config, version, { name: 'istiod', chart: 'istiod', component: 'Pilot', ...traits });
  const { namespace } = config;
  const suffix = config.revision === '' ? '' : `-${config.revision}`;
  const name = istiodName(config);
  const reader = 'istio-reader-service-account';
  const at = (name: string): { name: string; namespace: string } => ({ name, namespace });
  const istiod = labels({ app: 'istiod' });
  const readers = labels({ app: 'istio-reader', name: 'istio-reader' });
  const configured = labels({ owned: true });
  return {
    base: [
      ...definitions(config, version),
      {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: {
          ...at(reader),
          labels: labels({ app: 'istio-reader', name: 'istio-reader', chart: 'base', component: 'Base' }),
        },
      },
    ],
    pilot: [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...at(name), labels: istiod } },
      ...clusterRole(`istio-reader-clusterrole${suffix}-${namespace}`, readers, at(reader)),
      ...clusterRole(`istiod-clusterrole${suffix}-${namespace}`, istiod, at(name)),
      ...clusterRole(`istiod-gateway-controller${suffix}-${namespace}`, istiod, at(name)),
      {
        apiVersion: WEBHOOKS,
        kind: 'ValidatingWebhookConfiguration',
        metadata: {
          name: `istio-validator${suffix}-${namespace}`,
          labels: labels({ app: 'istiod', istio: 'istiod' }),
        },
        webhooks: [validator(config, 'revision')],
      },
      ...configMaps(config, version, suffix, configured),
      {
        apiVersion: WEBHOOKS,
        kind: 'MutatingWebhookConfiguration',
        metadata: {
          name: clusterWideName(`istio-sidecar-injector${suffix}`, config),
          labels: labels({ app: 'sidecar-injector', owned: true }),
        },
        webhooks:
          config.revision === ''
            ? deactivatedInjectors(config, config.everyNamespace)
            : injectors(config, config.revision, false),
      },
      istiodDeployment(config, labels({ app: 'istiod', istio: 'pilot', owned: true })),
      {
        apiVersion: `${RBAC}/v1`,
        kind: 'Role',
        metadata: { ...at(name), labels: istiod },
        rules: [
          { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'get', 'watch', 'list', 'update'] },
        ],
      },
      {
        apiVersion: `${RBAC}/v1`,
        kind: 'RoleBinding',
        metadata: { ...at(name), labels: istiod },
        roleRef: { apiGroup: RBAC, kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', ...at(name) }],
      },
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { ...at(name), labels: labels({ app: 'istiod', owned: true }) },
        spec: {
          minReplicas: 1,
          maxReplicas: 5,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        },
      },
      istiodService(config, name, labels({ app: 'istiod', istio: 'pilot', owned: true })),
    ],
    cni: config.cni ? cni(config, version) : [],
    gateways: config.gateways.flatMap((each) => gateway(config, version, each)),
  };
}

/** A ClusterRole, and its binding to a service account. What it allows is not used here. */
function clusterRole(
  name: string,
  labels: Readonly<Record<string, string>>,
  account: { name: string; namespace: string },
): Item[] {
  return [
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name, labels },
      rules: [
        { apiGroups: [''], resources: ['namespaces', 'pods', 'services'], verbs: ['get', 'list', 'watch'] },
      ],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name, labels },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
  ];
}

function configMaps(
  config: Config,
  version: string,
  suffix: string,
  labels: Readonly<Record<string, string>>,
): Item[] {
  const { hub, tag, namespace, revision, meshConfig, spec } = config;
  const given = (spec.values ?? {}) as Readonly<Record<string, object | undefined>>;
  const global = { ...given.global, hub, tag, istioNamespace: namespace };
  const { pilot, ...others } = given;
  const injected = { ...others, global, revision };
  const mesh = {
    defaultConfig: { discoveryAddress: `${istiodName(config)}.${namespace}.svc:15012` },
    rootNamespace: namespace,
    ...meshConfig,
  };
  const contents: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    [`istio${suffix}`]: { mesh: JSON.stringify(mesh), meshNetworks: 'networks: {}' },
    [`istio-sidecar-injector${suffix}`]: {
      config: 'this stand-in has no templates',
      values: JSON.stringify(injected),
    },
    [`values${suffix}`]: {
      'original-values': JSON.stringify({ ...given, global, revision }),
      'merged-values': JSON.stringify({ ...injected, ...(pilot === undefined ? {} : { pilot }) }),
    },
  };
  const kept = Object.entries(contents).filter(
    ([name]) => keepsValues(version) || name !== `values${suffix}`,
  );
  return kept.map(([name, data]) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace,
      labels,
      ...(name === `values${suffix}` ? { annotations: { 'kubernetes.io/description': VALUES } } : {}),
    },
    data,
  }));
}
