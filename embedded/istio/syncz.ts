import { notFound, Refusal } from '../api/refusal.ts';
import type { Store } from '../api/store.ts';
import { isReady } from '../controllers/pod-status.ts';
import { KINDS } from '../kinds.ts';
import { istiodOf } from './istiod.ts';
import type { Connected, Proxies } from './proxies.ts';

const TYPES = [
  'envoy.config.cluster.v3.Cluster',
  'envoy.config.endpoint.v3.ClusterLoadAssignment',
  'envoy.config.listener.v3.Listener',
  'envoy.config.route.v3.RouteConfiguration',
];

/**
 * What an istiod's pod says of the proxies that are connected to it, in the words of its own debug interface.
 *
 * @throws Refusal where the pod is not there, or does not serve
 */
export function syncz(store: Store, proxies: Proxies, namespace: string, name: string): object {
  const pod = store.get(KINDS.Pod, namespace, name);
  if (pod === undefined) throw notFound(KINDS.Pod, name);
  if (!isReady(pod))
    throw new Refusal(500, 'InternalError', `error forwarding port 15012 to pod ${name}: connection refused`);
  const { version, uid } = istiodOf(pod);
  const connected = proxies.connectedTo(uid);
  const time = new Date().toISOString();
  const info = { version, revision: 'embedded', golang_version: '', status: 'Clean', tag: version };
  return {
    versionInfo: `${time}/1`,
    // As protojson has it: an empty list is left out.
    ...(connected.length === 0 ? {} : { resources: connected.map(resource) }),
    typeUrl: 'istio.io/debug/syncz',
    nonce: `${time}/1`,
    controlPlane: { identifier: JSON.stringify({ Component: 'istiod', ID: name, Info: info }) },
  };
}

function resource({ id, namespace, version, stale, syncedAt }: Connected): object {
  // What was sent, and not acknowledged, is stale; before the first acknowledgement it counts as such, too.
  const configStatus = stale || syncedAt === undefined ? 'STALE' : 'SYNCED';
  return {
    '@type': 'type.googleapis.com/envoy.service.status.v3.ClientConfig',
    node: { id, metadata: { CLUSTER_ID: 'Kubernetes', ISTIO_VERSION: version, NAMESPACE: namespace } },
    genericXdsConfigs: TYPES.map((type) => ({
      typeUrl: `type.googleapis.com/${type}`,
      ...(syncedAt === undefined ? {} : { lastUpdated: syncedAt }),
      configStatus,
    })),
  };
}
