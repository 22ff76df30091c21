import { capped } from './capped.ts';
import type { Check } from './check.ts';

/**
 * Whoever is connected to the current control plane and is no pod that an injector has made: a gateway written by hand,
 * a proxy outside of the cluster (M08). Nothing of ours moves it, so promote can't begin unless it may stay behind.
 */
export const unknownProxies: Check = ({ mesh, status, accepted, phase, upgrade }) => {
  const answer = status.from;
  if (answer?.readable !== true) return [];
  const known = new Map(mesh.pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  const unknown = answer.proxies.filter(
    ({ namespace, name }) =>
      known.get(`${namespace}/${name}`)?.revision === undefined &&
      !accepted({ kind: 'Pod', namespace, name, labels: undefined }) &&
      known.get(`${namespace}/${name}`)?.accepted !== true,
  );
  return capped(
    unknown.map(({ namespace, name }) => ({
      id: 'unknown-proxy-connected',
      severity: phase === 'canary' ? 'warning' : 'error',
      object: `Pod ${namespace}/${name}`,
      message: `is connected to istiod of ${upgrade.from.revision}, and is no pod that an injector of this mesh has made: this Action can't move it`,
      remedy: `Move it to ${upgrade.to.revision} by hand when that is there, or accept that it stays behind: allow-stragglers: ${namespace}/${name}`,
    })),
  );
};
