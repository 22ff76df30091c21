import type { Item } from './client.ts';
import type { Config } from './config.ts';
import { installedLabels } from './labels.ts';
import { istiodName } from './webhooks.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** A gateway, under a name that no revision is part of, so that all revisions share it. */
export function gateway(config: Config, version: string, name: string): Item[] {
  const { namespace, proxy, revision } = config;
  const rev = revision === '' ? 'default' : revision;
  const egress = name.includes('egress');
  const istio = egress ? 'egressgateway' : 'ingressgateway';
  const traits = {
    name,
    chart: egress ? 'istio-egress' : 'istio-ingress',
    component: egress ? 'EgressGateways' : 'IngressGateways',
    owned: true,
  } as const;
  const labels = installedLabels(config, version, { ...traits, app: name, istio });
  const rights = installedLabels(config, version, traits);
  const account = `${name}-service-account`;
  const secrets = `${name}-sds`;
  const selector = { app: name, istio };
  return [
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
        maxReplicas: config.gatewayMost,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: {
        selector: { matchLabels: selector },
        template: {
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
        },
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
