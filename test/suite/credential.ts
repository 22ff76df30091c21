import { stringify } from 'yaml';
import { type Kubeconfig, readKubeconfig } from './api.ts';
import type { SuiteCluster } from './cluster.ts';
import type { Credential } from './scenario.ts';

/** A token that no server knows. */
export const UNKNOWN_TOKEN = 'expired-long-ago';

/** Content of the input `kubeconfig`. */
export function kubeconfigFor(credential: Credential, cluster: SuiteCluster): string {
  switch (credential) {
    case 'admin':
    case 'viewer':
      return cluster.kubeconfig(credential);
    case 'acting':
      return changed(cluster, (_, own) => {
        Object.assign(own.user, {
          as: 'deployer',
          'as-groups': ['team-a'],
          'as-user-extra': { scopes: ['everything'] },
        });
      });
    case 'none':
      return '';
    case 'server-not-there':
      return changed(cluster, ({ cluster: own }) => {
        const server = new URL(own.server);
        // Nothing listens on the first port.
        server.port = '1';
        own.server = server.href;
      });
    case 'other-authority':
      return changed(cluster, ({ cluster: own }) => {
        delete own['certificate-authority-data'];
        own['tls-server-name'] = 'other.example';
      });
    case 'server-not-proved':
      return changed(cluster, ({ cluster: own }) => {
        delete own['certificate-authority-data'];
        own['insecure-skip-tls-verify'] = true;
      });
    case 'plugin-not-there':
      return changed(cluster, (_, own) => {
        own.user = {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1',
            command: 'no-such-plugin',
            interactiveMode: 'Never',
          },
        };
      });
    case 'token-not-taken':
      return changed(cluster, (_, own) => {
        own.user = { token: UNKNOWN_TOKEN };
      });
  }
}

function changed(
  cluster: SuiteCluster,
  change: (cluster: Kubeconfig['clusters'][number], user: Kubeconfig['users'][number]) => void,
): string {
  const config = readKubeconfig(cluster.kubeconfig('admin'));
  change(config.clusters[0]!, config.users[0]!);
  return stringify(config);
}
