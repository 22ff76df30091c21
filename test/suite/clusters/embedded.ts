import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../../embedded/start.ts';
import { runAction } from '../../../scripts/run-action.ts';
import { shop } from '../../../testbed/shop.ts';
import type { ClusterObject } from '../../support/normalise.ts';
import { USER_AGENT, apiOf } from '../api.ts';
import type { StartCluster } from '../cluster.ts';
import { shortTimeout } from '../timeout.ts';

export const COMPILED = join(tmpdir(), `istio-upgrade-compiled-${String(userInfo().uid)}`);

/** The embedded cluster, in this process: the same mesh and shop, without waiting. */
export const startEmbeddedCluster: StartCluster = async (mesh) => {
  const startedAt = performance.now();
  const cluster = await startEmbedded({ revision: mesh, objects: shop(mesh) });
  const startMs = performance.now() - startedAt;
  const { api, close } = apiOf(cluster.kubeconfig('admin'));
  return {
    kind: 'embedded',
    mesh,
    kubeconfig: (user) => cluster.kubeconfig(user === 'viewer' ? 'nobody' : user),
    mirror: cluster.mirror,
    timeouts: { long: '3m', short: shortTimeout(startMs, { least: 12, perStart: 6 }) },
    api,
    everything: (ignored) =>
      Promise.resolve(
        (cluster.snapshot() as readonly object[] as readonly ClusterObject[]).filter(
          (object) => !ignored.includes(nameOf(object)),
        ),
      ),
    action: ({ env, ...request }) => {
      const dist = process.env.ACTION_DIST;
      return runAction({
        ...(dist === undefined ? {} : { dist }),
        ...request,
        // Node's own cache of what it has compiled: the Action and the stand-ins start some hundred times.
        env: {
          RUNNER_TOOL_CACHE: cluster.toolCache,
          NODE_COMPILE_CACHE: COMPILED,
          // One of this machine would be found where a scenario gives none.
          KUBECONFIG: '/nowhere/kubeconfig',
          ...env,
        },
      });
    },
    istioctl: (version, args) => cluster.istioctl(version, ...args),
    requests: {
      mark: () => cluster.audit.mark(),
      since: (mark) =>
        cluster.audit
          .since(mark)
          .filter(({ userAgent }) => userAgent !== USER_AGENT)
          .map(({ method, path, userAgent, persisting }) => ({
            what: `${method} ${path} by ${userAgent}`,
            persists: persisting,
          })),
    },
    close: async () => {
      close();
      await cluster.close();
    },
  };
};

/** As the keys of IGNORED_KINDS name an object's kind: `pods`, `leases.coordination.k8s.io`. */
function nameOf({ apiVersion, kind }: ClusterObject): string {
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : [undefined];
  const plural = `${kind.toLowerCase()}s`;
  return group === undefined ? plural : `${plural}.${group}`;
}
