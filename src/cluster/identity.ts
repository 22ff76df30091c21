import type { Finding } from '../finding.ts';
import type { Cluster } from './cluster.ts';

/**
 * Which cluster this is, whatever its kubeconfig calls it: the uid of kube-system, which is made once with the cluster and
 * is not in anybody's hand. Undefined where this credential may not see it.
 */
export async function clusterIdOf(cluster: Cluster): Promise<string | undefined> {
  for await (const { metadata } of cluster.list('Namespace', {
    fieldSelector: 'metadata.name=kube-system',
  })) {
    if (metadata.name === 'kube-system') return metadata.uid;
  }
  return undefined;
}

/**
 * Whether a run is on the cluster that its workflow means (input `expect-cluster`): a secret that was mixed up upgrades
 * the wrong one otherwise. Nothing to say where nothing is expected.
 */
export function unexpectedCluster(expected: string | undefined, seen: string | undefined): Finding[] {
  if (expected === undefined || expected === seen) return [];
  return [
    {
      id: 'cluster-not-expected',
      severity: 'error',
      message:
        seen === undefined
          ? `the kubeconfig leads to a cluster whose namespace kube-system can't be seen; ${expected} is expected (input expect-cluster)`
          : `the kubeconfig leads to cluster ${seen}; ${expected} is expected (input expect-cluster). Nothing was touched`,
      remedy:
        'Correct the secret or the context, if this is the wrong cluster. If it is the right one, a cluster that was made anew has a new uid: give it in expect-cluster.',
    },
  ];
}
