import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binary.ts';
import { addresses } from './network.ts';
import type { Place } from './place.ts';
import { must } from './process.ts';

/** Where the API server listens, inside the namespace. */
export const apiServer = `https://${addresses.node}:6443`;

/** Who has a kubeconfig of their own, so that the audit log tells them apart. */
const users = [
  { file: 'admin', name: 'testbed-admin', group: 'system:masters' },
  { file: 'kubelet', name: 'testbed-kubelet', group: 'system:masters' },
  { file: 'controller-manager', name: 'system:kube-controller-manager', group: '' },
  { file: 'scheduler', name: 'system:kube-scheduler', group: '' },
  { file: 'viewer', name: 'nobody', group: '' },
] as const;

/** Makes the cluster's authority, its keys, and a kubeconfig for each user. */
export async function createKeys(binaries: Binaries, place: Place, cluster: string): Promise<void> {
  mkdirSync(place.pki, { recursive: true, mode: 0o700 });
  const hosts = [addresses.node, '127.0.0.1', 'localhost', 'kubernetes.default.svc', '10.96.0.1'];
  await must([binaries.pki, 'init', '-dir', place.pki, '-hosts', hosts.join(',')]);
  for (const user of users) {
    await must([binaries.pki, 'client', '-dir', place.pki, '-name', user.name, '-group', user.group]);
    writeFileSync(place.kubeconfig(user.file), kubeconfig(place, cluster, user.name), { mode: 0o600 });
  }
}

/** A kubeconfig that refers to no other file, as one in a secret. */
function kubeconfig(place: Place, cluster: string, user: string): string {
  const data = (file: string) => readFileSync(join(place.pki, file)).toString('base64');
  const name = `testbed-${cluster}`;
  return `apiVersion: v1
kind: Config
current-context: ${name}
clusters:
  - name: ${name}
    cluster:
      server: ${apiServer}
      certificate-authority-data: ${data('ca.crt')}
contexts:
  - name: ${name}
    context:
      cluster: ${name}
      user: ${JSON.stringify(user)}
users:
  - name: ${JSON.stringify(user)}
    user:
      client-certificate-data: ${data(`${user}.crt`)}
      client-key-data: ${data(`${user}.key`)}
`;
}
