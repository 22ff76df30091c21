import { startEmbedded } from '../embedded/start.ts';
import type { ClusterObject } from '../test/support/normalise.ts';
import type { StartDemoCluster } from './cluster.ts';

/** Kinds that come and go by themselves. */
const FLEETING = ['Pod', 'Lease'];

/** The embedded cluster, in this process. */
export const startEmbeddedDemo: StartDemoCluster = async ({ version, revision }, objects) => {
  const cluster = await startEmbedded({ version, revision, objects });
  const all = (): ClusterObject[] => cluster.snapshot() as readonly object[] as ClusterObject[];
  return {
    title: 'the embedded cluster (in this process; embedded/README.md says what is real in it)',
    run: { env: { RUNNER_TOOL_CACHE: cluster.toolCache } },
    kubeconfig: cluster.kubeconfig('admin'),
    mirror: cluster.mirror,
    objects: () => Promise.resolve(all().filter(({ kind }) => !FLEETING.includes(kind))),
    pods: () => Promise.resolve(all().filter(({ kind }) => kind === 'Pod')),
    annotate: (namespace, deployment, annotations) => {
      cluster.patch('Deployment', deployment, namespace, {
        spec: { template: { metadata: { annotations } } },
      });
      return cluster.settled();
    },
    writes: {
      mark: () => cluster.audit.mark(),
      since: (mark) => cluster.audit.persisting(mark).map(({ method, path }) => `${method} ${path}`),
    },
    close: () => cluster.close(),
  };
};
