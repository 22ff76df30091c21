import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { Refusal } from './refusal.ts';

/** The way to a cluster, and the credential. */
export interface Access {
  readonly server: URL;
  readonly authority: string | undefined;
  readonly serverName: string | undefined;
  /** An HTTP proxy. */
  readonly proxy: URL | undefined;
  readonly token: string;
}

interface File {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { name: string; context: { cluster: string; user: string } }[];
  readonly clusters?: readonly { name: string; cluster: Readonly<Record<string, string>> }[];
  readonly users?: readonly { name: string; user: Readonly<Record<string, string>> }[];
}

const CLUSTER = ['server', 'certificate-authority-data', 'tls-server-name', 'proxy-url'];
const USER = ['token'];

/** Reads the kubeconfig at a path, for one of its contexts; what it holds and is not understood is refused. */
export function readAccess(path: string | undefined, context: string | undefined): Access {
  if (path === undefined) throw new Refusal('this stand-in for istioctl wants --kubeconfig or KUBECONFIG');
  const file = parse(readFileSync(path, 'utf8')) as File;
  const wanted = context ?? file['current-context'];
  const chosen = file.contexts?.find(({ name }) => name === wanted)?.context;
  const cluster = file.clusters?.find(({ name }) => name === chosen?.cluster)?.cluster;
  const user = file.users?.find(({ name }) => name === chosen?.user)?.user;
  if (cluster?.server === undefined || user === undefined) {
    throw new Refusal(`context "${wanted ?? ''}" does not exist`);
  }
  refuseUnknown(cluster, CLUSTER);
  refuseUnknown(user, USER);
  const authority = cluster['certificate-authority-data'];
  return {
    server: new URL(cluster.server),
    authority: authority === undefined ? undefined : Buffer.from(authority, 'base64').toString(),
    serverName: cluster['tls-server-name'],
    proxy: cluster['proxy-url'] === undefined ? undefined : new URL(cluster['proxy-url']),
    token: user.token ?? '',
  };
}

function refuseUnknown(entry: Readonly<Record<string, string>>, known: readonly string[]): void {
  const strange = Object.keys(entry).find((key) => !known.includes(key));
  if (strange !== undefined) {
    throw new Refusal(`this stand-in for istioctl does not know ${strange} in a kubeconfig`);
  }
}
