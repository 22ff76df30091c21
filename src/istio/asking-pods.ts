import type { Finding } from '../finding.ts';
import { leavingNamespaces } from './lasting.ts';
import type { Mesh, MeshPod } from './mesh.ts';
import { istiodName } from './revision.ts';

/**
 * Pods of another revision whose proxy asks the istiod that is to go: for its certificates (`CA_ADDR`, pilot-agent's
 * options), or for all (`discoveryAddress`). No connection shows the first, and without that Service a new pod does not
 * start, and a running one fails when its certificate ends. What is ending needs none any more. A Service that another
 * revision has by now stays.
 *
 * @param revision is to go
 * @param stays the revision that they are to ask instead
 */
export function askingPods(mesh: Mesh, revision: string, stays: string): Finding[] {
  const service = istiodName(revision);
  const isKept = mesh.owned.some(
    (item) => item.kind === 'Service' && item.name === service && item.revision !== revision,
  );
  if (isKept) return [];
  const leaving = leavingNamespaces(mesh);
  return mesh.pods
    .filter((pod) => pod.asks?.includes(service) === true && pod.revision !== revision)
    .filter(({ terminating, namespace }) => !terminating && !leaving.has(namespace))
    .map((pod) => ({
      id: 'still-in-use',
      severity: 'error',
      object: `Pod ${pod.namespace}/${pod.name}`,
      message: `its proxy asks Service ${mesh.istioNamespace}/${service} for its certificates or its configuration: once ${revision} is gone, it gets none`,
      remedy: `${anew(pod)} once nothing leads it there any more (values.global.caAddress and meshConfig.defaultConfig of ${stays}, proxy.istio.io/config of its template, the configuration of a gateway).`,
    }));
}

function anew({ owner, namespace, name }: MeshPod): string {
  return owner === undefined
    ? `Make Pod ${namespace}/${name} anew`
    : `Restart ${owner.kind} ${namespace}/${owner.name}`;
}
