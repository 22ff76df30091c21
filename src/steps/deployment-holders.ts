import { LABEL_REVISION } from '../istio/names.ts';
import { istiodName } from '../istio/revision.ts';
import type { Context } from './context.ts';

/** Of Kubernetes itself: it waits for the pods, which are told by their names. */
const OF_KUBERNETES = ['foregroundDeletion', 'orphan'];

/**
 * What keeps the Deployment of a revision's istiod that is being deleted: finalizers of others, and pods that do not end, as on
 * a node that is gone. Empty where it is not being deleted, or nothing is seen to hold it.
 */
export async function deploymentHolders(
  { cluster, inputs }: Pick<Context, 'cluster' | 'inputs'>,
  revision: string,
): Promise<string[]> {
  const { istioNamespace } = inputs;
  const deployment = await cluster.get('Deployment', istiodName(revision), istioNamespace);
  if (deployment?.metadata.deletionTimestamp === undefined) return [];
  const { finalizers = [] } = deployment.metadata;
  const holders = finalizers
    .filter((name) => !OF_KUBERNETES.includes(name))
    .map((name) => `the finalizer ${name}`);
  const pods = cluster.list('Pod', {
    namespace: istioNamespace,
    labelSelector: `app=istiod,${LABEL_REVISION}=${revision}`,
  });
  for await (const { metadata, spec } of pods) {
    if (metadata.deletionTimestamp === undefined) continue;
    holders.push(
      `Pod ${istioNamespace}/${metadata.name}, which is ending${spec.nodeName === undefined ? '' : ` on node ${spec.nodeName}`}`,
    );
  }
  return holders;
}
