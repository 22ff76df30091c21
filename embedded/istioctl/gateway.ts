import type { Item } from './client.ts';
import type { Config, Gateway } from './config.ts';
import { installedLabels } from './labels.ts';
import { policyOf } from './network-policy.ts';
import { hasBudgets } from './releases.ts';
import { istiodName } from './webhooks.ts';

/** By which all that is scaled is. */
export const METRICS: readonly object[] = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
];

const RBAC = 'rbac.authorization.k8s.io';

/** A gateway, under a name that no revision is part of, so that all revisions share it. */
export function gateway(config: Config, version: string, { name, label }: Gateway): Item[] {
  const { namespace } = config;
  const egress = name.includes('egress');
  const istio = egress ? 'egressgateway' : 'ingressgateway';
  const traits = {
    // The charts' own, whatever the gateway is called.
    name: egress ? 'istio-egressgateway' : 'istio-ingressgateway',
    chart: egress ? 'istio-egress' : 'istio-ingress',
    component: egress ? 'EgressGateways' : 'IngressGateways',
    owned: true,
  } as const;
  const selector = { app: name, istio, ...label };
  const labels = { ...label, ...installedLabels(config, version, { ...traits, ...selector }) };
  const rights = installedLabels(config, version, traits);
  const account = `${name}-service-account`;
  const secrets = `${name}-sds`;
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace, labels },
    spec: { minAvailable: 1, selector: { matchLabels: selector } },
  };
  return [
    ...((config.budgets ?? hasBudgets(version)) ? [budget] : []),
    ...policyOf(config, name, labels, selector),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace, labels } },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'Role',
      metadata: { name: secrets, namespace, labels: rights },
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'watch', 'list'] }],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: { name: secrets, namespace, labels: rights },
      roleRef: { apiGroup: RBAC, kind: 'Role', name: secrets },
      subjects: [{ kind: 'ServiceAccount', name: account }],
    },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name, namespace, labels },
      spec: {
        minReplicas: 1,
        maxReplicas: egress ? 5 : config.gatewayMost,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        metrics: METRICS,
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: {
        selector: { matchLabels: selector },
        template:
          egress || config.injectionTemplate === '' ? whole(config, selector) : injected(config, selector),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels },
      spec: { selector, ports: [{ name: 'http2', port: 80, targetPort: 8080 }] },
    },
  ];
}

/** With a proxy of its own release. */
function whole(config: Config, selector: Readonly<Record<string, string>>): object {
  const { namespace, proxy, revision } = config;
  const rev = revision === '' ? 'default' : revision;
  return {
    metadata: {
      labels: { ...selector, 'istio.io/rev': rev, 'sidecar.istio.io/inject': 'false' },
      annotations: { 'istio.io/rev': rev, 'sidecar.istio.io/inject': 'false' },
    },
    spec: {
      containers: [
        {
          name: 'istio-proxy',
          image: proxy,
          args: ['proxy', 'router'],
          env: [
            {
              name: 'CA_ADDR',
              value: config.caAddress ?? `${istiodName(config)}.${namespace}.svc:15012`,
            },
          ],
        },
      ],
      // It has no PROXY_CONFIG: by this it knows its istiod.
      volumes: [
        {
          name: 'config-volume',
          configMap: { name: `istio${revision === '' ? '' : `-${revision}`}`, optional: true },
        },
      ],
    },
  };
}

/** The same of every release: an injector puts the proxy in (seen of 1.30.3 and 1.31.0). */
function injected(
  { revision, injectionTemplate }: Config,
  selector: Readonly<Record<string, string>>,
): object {
  return {
    metadata: {
      labels: {
        ...selector,
        'sidecar.istio.io/inject': 'true',
        ...(revision === '' ? {} : { 'istio.io/rev': revision }),
      },
      annotations: { 'inject.istio.io/templates': injectionTemplate, 'sidecar.istio.io/inject': 'true' },
    },
    spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] },
  };
}
