import type { Item } from './client.ts';
import type { Config } from './config.ts';

type Labels = Readonly<Record<string, string>>;

/** What lets connections in to istiod, a gateway or a node agent, where it is asked for: all of them with the revision behind their names. */
export function policyOf(
  { policies, revision, namespace }: Pick<Config, 'policies' | 'revision' | 'namespace'>,
  name: string,
  labels: Labels,
  selector: Labels,
): Item[] {
  if (!policies) return [];
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `${name}${revision === '' ? '' : `-${revision}`}`, namespace, labels },
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ ports: [{ protocol: 'TCP', port: 15021 }] }],
        egress: [{}],
      },
    },
  ];
}
