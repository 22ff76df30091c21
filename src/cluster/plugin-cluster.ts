import { readFileSync } from 'node:fs';
import type { Entry } from './kubeconfig-file.ts';

/** Of a cluster's entry, what client-go tells a plugin that asks (`provideClusterInfo`; rest.ConfigToExecCluster). */
const TOLD = [
  'server',
  'tls-server-name',
  'insecure-skip-tls-verify',
  'certificate-authority-data',
  'proxy-url',
  'disable-compression',
];
/** The extension that holds what a plugin wants to know beyond that. */
const EXTENSION = 'client.authentication.k8s.io/exec';

/** The cluster as a plugin is told of it: the authority as data, also where it is a file, and the plugin's own extension. */
export function clusterInfo(cluster: Entry): Entry {
  const told = Object.fromEntries(
    TOLD.flatMap((key) => (key in cluster ? [[key, cluster[key]]] : [])),
  ) as Entry;
  const extensions: unknown = cluster.extensions;
  const named = (Array.isArray(extensions) ? extensions : []) as readonly Entry[];
  const config = named.find((item) => item.name === EXTENSION)?.extension;
  const file = cluster['certificate-authority'];
  return {
    ...told,
    ...(typeof file === 'string' && file !== ''
      ? { 'certificate-authority-data': readFileSync(file).toString('base64') }
      : {}),
    ...(config === undefined ? {} : { config }),
  };
}
