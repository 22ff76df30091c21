import { FIRST } from './point.ts';

/** The smallest mesh that has all the phases do: a namespace that is moved first, and one that follows the default. */
export function smallMesh(revision: string): object[] {
  return [
    namespace(FIRST, { 'istio.io/rev': revision }),
    deployment(FIRST, 'web'),
    namespace('follows', { 'istio-injection': 'enabled' }),
    deployment('follows', 'api'),
  ];
}

function namespace(name: string, labels: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function deployment(namespace: string, name: string): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name, image: `registry.example/${name}:1.0.0` }] },
      },
    },
  };
}
