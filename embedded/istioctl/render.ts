import type { Item } from './client.ts';
import { cni } from './cni.ts';
import type { Config } from './config.ts';
import { definitions } from './definitions.ts';
import { METRICS, gateway } from './gateway.ts';
import { istiodDeployment, istiodService } from './istiod.ts';
import { type Traits, installedLabels } from './labels.ts';
import {
  choosesByNamespace,
  hasBudgets,
  hasFilters,
  isLater,
  keepsValues,
  minorOf,
  validates,
} from './releases.ts';
import { policyOf } from './network-policy.ts';
import { FILTERS } from './paths.ts';
import { overlaid } from './overlays.ts';
import { rights } from './rights.ts';
import { clusterWideName, injectors, istiodName, oldInjector, validator } from './webhooks.ts';

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
  const at = (name: string): { name: string; namespace: string } => ({ name, namespace });
  const { account, base, pilot } = rights(config, version);
  const isRole = ({ kind }: Item): boolean => kind === 'Role' || kind === 'RoleBinding';
  const others = {
    cni: config.cni ? cni(config, version) : [],
    gateways: config.gateways
      .flatMap((each) => gateway(config, version, each))
      .map((item) => overlaid(item, config.overlays)),
  };
  if (!config.pilot) return { base: [], pilot: [], ...others };
  return {
    base: [...definitions(config, version), ...base, ...sharedValidator(config, version)],
    pilot: [
      ...pilot.filter((item) => !isRole(item)),
      ...((config.budgets ?? hasBudgets(version))
        ? [budget(at(name), labels({ app: 'istiod', owned: true }))]
        : []),
      ...policyOf(config, 'istiod', labels({ app: 'istiod', istio: 'pilot', owned: true }), {
        app: 'istiod',
        'istio.io/rev': config.revision === '' ? 'default' : config.revision,
      }),
      ...ownValidator(config, version, `istio-validator${suffix}-${namespace}`),
      ...configMaps(config, version, suffix, labels({ owned: true })),
      {
        apiVersion: WEBHOOKS,
        kind: 'MutatingWebhookConfiguration',
        metadata: {
          name: clusterWideName(`istio-sidecar-injector${suffix}`, config),
          labels: labels({ app: 'sidecar-injector', owned: true }),
        },
        webhooks: injectorOf(config, version),
      },
      istiodDeployment(config, version, account, labels({ app: 'istiod', istio: 'pilot', owned: true })),
      ...pilot.filter(isRole),
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { ...at(name), labels: labels({ app: 'istiod', owned: true }) },
        spec: {
          ...config.autoscale,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
          metrics: METRICS,
        },
      },
      monitored(version, istiodService(config, name, labels({ app: 'istiod', istio: 'pilot', owned: true }))),
      ...(hasFilters(version) ? filters(config, version, suffix, labels({ owned: true })) : []),
    ].map((item) => overlaid(item, config.overlays)),
    ...others,
  };
}

/** Under another name in the newest release. */
function monitored(version: string, service: Item): Item {
  if (!isLater(version)) return service;
  const { ports, ...rest } = service.spec as { readonly ports: readonly { readonly name: string }[] };
  const named = ports.map((port) => (port.name === 'http-monitoring' ? { ...port, name: 'metrics' } : port));
  return { ...service, spec: { ...rest, ports: named } };
}

/** It is never asked here: there are no evictions. */
function budget(
  metadata: { name: string; namespace: string },
  labels: Readonly<Record<string, string>>,
): Item {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { ...metadata, labels },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'istiod' } } },
  };
}

function filters(
  { namespace }: Config,
  version: string,
  suffix: string,
  labels: Readonly<Record<string, string>>,
): Item[] {
  const minor = minorOf(version);
  return [minor - 1, minor].flatMap((minor) =>
    ['stats-filter', 'tcp-stats-filter'].map((name) => ({
      apiVersion: FILTERS.apiVersion,
      kind: FILTERS.kind,
      metadata: { name: `${name}-1.${String(minor)}${suffix}`, namespace, labels },
      spec: { configPatches: [] },
    })),
  );
}

/** Switched on, whether a default tag does its work or not: `install` switches it off at its end. */
function injectorOf(config: Config, version: string): object[] {
  if (choosesByNamespace(version)) return oldInjector(config);
  const { revision, everyNamespace } = config;
  return revision === ''
    ? injectors(config, 'default', true, everyNamespace)
    : injectors(config, revision, false);
}

/** Until 1.10 of the base, for all, and always asking the control plane without a revision (Istio's issue 28880). */
function sharedValidator(config: Config, version: string): Item[] {
  if (validates(version) !== 'base') return [];
  const { namespace } = config;
  const traits = {
    app: 'istiod',
    istio: 'istiod',
    name: 'istiod',
    chart: 'base',
    component: 'Base',
  } as const;
  return [
    {
      apiVersion: WEBHOOKS,
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: `istiod-${namespace}`, labels: installedLabels(config, version, traits) },
      webhooks: [validator({ revision: '', namespace }, 'all')],
    },
  ];
}

function ownValidator(config: Config, version: string, name: string): Item[] {
  const which = validates(version);
  if (which === 'base') return [];
  const traits = {
    app: 'istiod',
    istio: 'istiod',
    name: 'istiod',
    chart: 'istiod',
    component: 'Pilot',
  } as const;
  return [
    {
      apiVersion: WEBHOOKS,
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name, labels: installedLabels(config, version, traits) },
      webhooks: [
        validator(config, 'revision'),
        ...(which === 'each revision all' ? [validator(config, 'default')] : []),
      ],
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
    ...(isLater(version) ? { dnsRefreshRate: '30s' } : {}),
    ...meshConfig,
  };
  const contents: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    [`istio${suffix}`]: { mesh: JSON.stringify(mesh), meshNetworks: 'networks: {}' },
    [`istio-sidecar-injector${suffix}`]: {
      config: templatesOf(given.sidecarInjectorWebhook),
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

/** The names of the templates alone: Istio's own, and those that are given. */
function templatesOf(injector: object = {}): string {
  const { templates } = injector as { readonly templates?: Readonly<Record<string, string>> };
  const own = Object.fromEntries(
    ['sidecar', 'gateway', 'grpc-simple', 'grpc-agent'].map((name) => [name, '']),
  );
  return JSON.stringify({ defaultTemplates: ['sidecar'], templates: { ...own, ...templates } });
}
