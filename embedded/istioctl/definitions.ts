import type { Item } from './client.ts';
import type { Config } from './config.ts';
import { installedLabels } from './labels.ts';
import { isLater, isRewritten } from './releases.ts';

/** Istio's CRDs: group, plural, kind, versions. */
const DEFINITIONS: readonly (readonly [group: string, plural: string, kind: string, versions: string])[] = [
  ['security', 'authorizationpolicies', 'AuthorizationPolicy', 'v1 v1beta1'],
  ['networking', 'destinationrules', 'DestinationRule', 'v1 v1alpha3 v1beta1'],
  ['networking', 'envoyfilters', 'EnvoyFilter', 'v1alpha3'],
  ['networking', 'gateways', 'Gateway', 'v1 v1alpha3 v1beta1'],
  ['security', 'peerauthentications', 'PeerAuthentication', 'v1 v1beta1'],
  ['networking', 'proxyconfigs', 'ProxyConfig', 'v1beta1'],
  ['security', 'requestauthentications', 'RequestAuthentication', 'v1 v1beta1'],
  ['networking', 'serviceentries', 'ServiceEntry', 'v1 v1alpha3 v1beta1'],
  ['networking', 'sidecars', 'Sidecar', 'v1 v1alpha3 v1beta1'],
  ['telemetry', 'telemetries', 'Telemetry', 'v1 v1alpha1'],
  ['extensions', 'trafficextensions', 'TrafficExtension', 'v1alpha1'],
  ['networking', 'virtualservices', 'VirtualService', 'v1 v1alpha3 v1beta1'],
  ['extensions', 'wasmplugins', 'WasmPlugin', 'v1alpha1'],
  ['networking', 'workloadentries', 'WorkloadEntry', 'v1 v1alpha3 v1beta1'],
  ['networking', 'workloadgroups', 'WorkloadGroup', 'v1 v1alpha3 v1beta1'],
];

/** One that only later releases bring. */
const LATER = ['later', 'laterpolicies', 'LaterPolicy', 'v1alpha1'] as const;

/** The one of which the schema is there: a later release knows a field of it more. */
const NARROWED = 'proxyconfigs';

function schemaOf(plural: string, version: string): object {
  if (plural !== NARROWED) return {};
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const fields = {
    concurrency: { type: 'integer' },
    environmentVariables: open,
    image: open,
    selector: open,
  };
  const spec = { type: 'object', properties: { ...fields, ...(isLater(version) ? { later: open } : {}) } };
  return { schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } };
}

/** The base CRDs, without their schemas but for one; until 1.23 that of istioctl's own IstioOperator is among them. */
export function definitions(config: Config, version: string): Item[] {
  const operator = ['install', 'istiooperators', 'IstioOperator', 'v1alpha1'] as const;
  const all = [
    ...DEFINITIONS,
    ...(isRewritten(version) ? [] : [operator]),
    ...(isLater(version) ? [LATER] : []),
  ];
  return all.map(([group, plural, kind, versions]) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}.istio.io`,
      labels: installedLabels(config, version, { chart: 'base', component: 'Base' }),
      annotations: { 'helm.sh/resource-policy': 'keep' },
    },
    spec: {
      group: `${group}.istio.io`,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: 'Namespaced',
      versions: versions.split(' ').map((name) => ({
        name,
        served: true,
        storage: name === versions.split(' ')[0],
        ...schemaOf(plural, version),
      })),
    },
  }));
}
