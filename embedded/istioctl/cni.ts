import type { Item } from './client.ts';
import type { Config } from './config.ts';
import { installedLabels } from './labels.ts';
import { policyOf } from './network-policy.ts';

const RBAC = 'rbac.authorization.k8s.io';
const NAME = 'istio-cni';
const AGENT = 'istio-cni-node';

/** Istio CNI, under names that no revision is part of. What its roles allow is not used here. */
export function cni(config: Config, version: string): Item[] {
  const { namespace, hub, tag } = config;
  const labels = installedLabels(config, version, {
    app: NAME,
    name: NAME,
    chart: 'cni',
    component: 'Cni',
    owned: true,
  });
  const selector = { 'k8s-app': AGENT };
  const account = { kind: 'ServiceAccount', name: NAME, namespace };
  return [
    ...policyOf(config, NAME, labels, selector),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace, labels } },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name: NAME, labels },
      rules: [
        { apiGroups: [''], resources: ['pods', 'nodes', 'namespaces'], verbs: ['get', 'list', 'watch'] },
      ],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: NAME, labels },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: NAME },
      subjects: [account],
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${NAME}-config`, namespace, labels },
      data: { CURRENT_AGENT_VERSION: tag },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: AGENT, namespace, labels: { ...labels, ...selector } },
      spec: {
        selector: { matchLabels: selector },
        template: {
          metadata: { labels: { ...selector, 'sidecar.istio.io/inject': 'false' } },
          spec: { containers: [{ name: 'install-cni', image: `${hub}/install-cni:${tag}` }] },
        },
      },
    },
  ];
}
