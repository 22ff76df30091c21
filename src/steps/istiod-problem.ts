import type { Cluster } from '../cluster/cluster.ts';
import { podProblem } from '../istio/pod-problem.ts';
import { LABEL_REVISION } from '../istio/names.ts';

/** Why a revision's istiod is not ready, as its first pod that is not says it; undefined when all are. */
export async function istiodProblem(
  { cluster, inputs }: { readonly cluster: Cluster; readonly inputs: { readonly istioNamespace: string } },
  revision: string,
): Promise<string | undefined> {
  const pods = cluster.list('Pod', {
    namespace: inputs.istioNamespace,
    labelSelector: `app=istiod,${LABEL_REVISION}=${revision}`,
  });
  for await (const pod of pods) {
    const problem = podProblem(pod);
    if (problem !== undefined) return `pod ${pod.metadata.name}: ${problem}`;
  }
  return undefined;
}
