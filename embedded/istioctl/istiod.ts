import type { Item } from './client.ts';
import type { Config } from './config.ts';
import { chartLabels } from './labels.ts';
import { type Home, istiodName } from './webhooks.ts';

type Labels = Readonly<Record<string, string>>;

/** istiod's Deployment. What distinguishes the pods: `istio` is `pilot` without a revision, and `istiod` with one. */
export function istiodDeployment(config: Config, version: string, account: string, labels: Labels): Item {
  const { revision, namespace, hub, tag } = config;
  const name = istiodName(config);
  const istio = revision === '' ? 'pilot' : 'istiod';
  // A Deployment without revision selects by less than its Service does.
  const selector = revision === '' ? { istio } : selectorOf(config);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: '25%' } },
      template: {
        metadata: {
          labels: {
            ...chartLabels(config, version, {
              app: 'istiod',
              name: 'istiod',
              chart: 'istiod',
              component: 'Pilot',
              istio,
              owned: true,
            }),
            'istio.io/dataplane-mode': 'none',
            'sidecar.istio.io/inject': 'false',
          },
          annotations: {
            'prometheus.io/port': '15014',
            'prometheus.io/scrape': 'true',
            'sidecar.istio.io/inject': 'false',
          },
        },
        spec: {
          serviceAccountName: account,
          containers: [
            {
              name: 'discovery',
              image: `${hub}/pilot:${tag}`,
              args: ['discovery', '--monitoringAddr=:15014'],
              env: [
                { name: 'REVISION', value: revision === '' ? 'default' : revision },
                { name: 'CLUSTER_ID', value: 'Kubernetes' },
                ...Object.entries(config.env).map(([name, value]) => ({ name, value })),
              ],
              readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
            },
          ],
        },
      },
    },
  };
}

/** A Service of istiod's: the revision's own, or a tag's. */
export function istiodService(home: Home, name: string, labels: Labels, selector = selectorOf(home)): Item {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: home.namespace, labels },
    spec: {
      ports: [
        { name: 'grpc-xds', port: 15010, protocol: 'TCP', targetPort: 15010 },
        { name: 'https-dns', port: 15012, protocol: 'TCP', targetPort: 15012 },
        { name: 'https-webhook', port: 443, protocol: 'TCP', targetPort: 15017 },
        { name: 'http-monitoring', port: 15014, protocol: 'TCP', targetPort: 15014 },
      ],
      selector,
    },
  };
}

function selectorOf({ revision }: Home): Labels {
  return revision === '' ? { app: 'istiod', istio: 'pilot' } : { app: 'istiod', 'istio.io/rev': revision };
}
