import type { Item } from './client.ts';
import type { Config } from './config.ts';
import { installedLabels } from './labels.ts';

/** A gateway: Deployment and Service, under a name that no revision is part of, so that all revisions share it. */
export function gateway(config: Config, version: string, name: string): Item[] {
  const { namespace, hub, tag, revision } = config;
  const component = name.includes('egress') ? 'EgressGateways' : 'IngressGateways';
  const istio = component === 'EgressGateways' ? 'egressgateway' : 'ingressgateway';
  const labels = installedLabels(config, version, {
    app: name,
    name,
    chart: 'istiod',
    component,
    istio,
    owned: true,
  });
  const selector = { app: name, istio };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: {
        selector: { matchLabels: selector },
        template: {
          metadata: {
            labels: { ...selector, 'istio.io/rev': revision === '' ? 'default' : revision },
            annotations: { 'sidecar.istio.io/inject': 'false' },
          },
          spec: { containers: [{ name: 'istio-proxy', image: `${hub}/proxyv2:${tag}` }] },
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
