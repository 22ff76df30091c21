import { FIRST, type Story, TIER } from './point.ts';

/** The revision of the old control plane, where it has one. */
export const OLD_REVISION = '1-30-3';

const INJECTED = { 'istio-injection': 'enabled' };

/** The smallest mesh that has all the phases do: a namespace that is moved first, and one that follows the default. */
export function smallMesh(mesh: Story['mesh']): object[] {
  return [
    namespace(FIRST, mesh === 'revisioned' ? { 'istio.io/rev': OLD_REVISION } : INJECTED),
    deployment(FIRST, 'web'),
    namespace('follows', INJECTED),
    deployment('follows', 'api'),
  ];
}

function namespace(name: string, labels: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ...labels, ...TIER } } };
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
