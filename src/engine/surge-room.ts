import type { WorkloadObject } from '../cluster/objects.ts';
import type { Finding } from '../finding.ts';
import { type Mesh, planeOfRevision } from '../istio/mesh.ts';
import { podOfTemplate } from '../istio/rehearsal-pod.ts';
import { refusalOf } from '../istio/refusal.ts';
import type { Session } from './session.ts';

/**
 * Whether the API server would take one more pod of istiod beside those that are there (issue 14, "room for a surge"),
 * asked by a dry run: quotas, limits and policies of the Istio namespace answer it. Whether a node has room for it is not
 * asked.
 *
 * @throws what reading the cluster throws
 */
export async function surgeRoom(
  { reader }: Pick<Session, 'reader'>,
  mesh: Pick<Mesh, 'planes' | 'istioNamespace'>,
  revision: string,
): Promise<Finding[]> {
  const { istioNamespace } = mesh;
  const name = planeOfRevision(mesh, revision)?.deployment;
  const deployment = name === undefined ? undefined : await reader.get('Deployment', name, istioNamespace);
  // Without a surge the new pod comes where an old one has gone.
  if (deployment === undefined || !surges(deployment.spec)) return [];
  const answer = await reader.rehearse('Pod', podOfTemplate(deployment, 'Deployment'), istioNamespace);
  if (answer.admitted) return [];
  const { by, words } = refusalOf({ status: answer.status, message: answer.reason });
  // Who may not ask is told so where it matters.
  if (by === 'forbidden' || by === 'terminating') return [];
  return [
    {
      id: 'no-room-for-surge',
      severity: 'warning',
      object: `Deployment ${istioNamespace}/${deployment.metadata.name}`,
      message: `its new pod comes while the old one serves, and the API server would not take one more now: ${words}`,
      remedy: `Make room for one more pod of istiod (kubectl describe resourcequota,limitrange -n ${istioNamespace}); without it the new control plane does not get ready.`,
    },
  ];
}

/** By Kubernetes' defaults a Deployment does. */
function surges({ strategy }: WorkloadObject['spec']): boolean {
  if (strategy?.type === 'Recreate') return false;
  return Number.parseInt(String(strategy?.rollingUpdate?.maxSurge ?? '25%'), 10) > 0;
}
