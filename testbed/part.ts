import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binary.ts';
import { apiServer } from './keys.ts';
import { addresses } from './network.ts';
import { sources, type Place } from './place.ts';
import type { Argv } from './process.ts';
import { kubernetesVersion } from './program.ts';
import { hub, type Release } from './release.ts';

/** One process of the cluster. */
export interface Part {
  readonly name: string;
  readonly argv: Argv;
}

/** Where the mirror of istioctl's releases listens, inside the namespace. */
export const mirrorPort = 8000;

const etcdClient = 'http://127.0.0.1:2379';
const etcdPeer = 'http://127.0.0.1:2380';

/** The store, and the API server in front of it. */
export function controlParts(binaries: Binaries, place: Place): Part[] {
  const policy = join(place.dir, 'audit-policy.json');
  writeFileSync(policy, JSON.stringify(auditPolicy));
  return [
    part(binaries.etcd, 'etcd', {
      'data-dir': join(place.dir, 'etcd'),
      'listen-client-urls': etcdClient,
      'advertise-client-urls': etcdClient,
      'listen-peer-urls': etcdPeer,
      'initial-advertise-peer-urls': etcdPeer,
      'initial-cluster': `default=${etcdPeer}`,
      'unsafe-no-fsync': 'true', // a cluster that is thrown away needs no durable disk
      'quota-backend-bytes': String(6 * 2 ** 30),
      'log-level': 'warn',
    }),
    part(binaries['kube-apiserver'], 'kube-apiserver', {
      'etcd-servers': etcdClient,
      'secure-port': '6443',
      'advertise-address': addresses.node,
      'service-cluster-ip-range': addresses.services,
      'authorization-mode': 'Node,RBAC',
      'client-ca-file': join(place.pki, 'ca.crt'),
      'tls-cert-file': join(place.pki, 'apiserver.crt'),
      'tls-private-key-file': join(place.pki, 'apiserver.key'),
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'service-account-key-file': join(place.pki, 'service-account.pub'),
      'service-account-signing-key-file': join(place.pki, 'service-account.key'),
      'enable-aggregator-routing': 'true', // webhooks are dialled at their pods: no kube-proxy needed
      'kubelet-preferred-address-types': 'InternalIP',
      'disable-admission-plugins': 'TaintNodesByCondition', // nodes are ready from the start
      'allow-privileged': 'true',
      'audit-policy-file': policy,
      'audit-log-path': place.audit,
      'max-requests-inflight': '2000',
      'max-mutating-requests-inflight': '1000',
      profiling: 'false',
    }),
  ];
}

/** What needs the API server to be there: its controllers, the kubelet, the mirror. */
export function workingParts(binaries: Binaries, place: Place, releases: readonly Release[]): Part[] {
  return [
    part(binaries['kube-controller-manager'], 'kube-controller-manager', {
      kubeconfig: place.kubeconfig('controller-manager'),
      'root-ca-file': join(place.pki, 'ca.crt'),
      'service-account-private-key-file': join(place.pki, 'service-account.key'),
      'use-service-account-credentials': 'true', // the roles that Kubernetes has for each controller
      'leader-elect': 'false',
      'kube-api-qps': '1000',
      'kube-api-burst': '2000',
      'concurrent-replicaset-syncs': '20',
      'concurrent-deployment-syncs': '20',
      profiling: 'false',
    }),
    part(binaries['kube-scheduler'], 'kube-scheduler', {
      kubeconfig: place.kubeconfig('scheduler'),
      'leader-elect': 'false',
      'kube-api-qps': '1000',
      'kube-api-burst': '2000',
      profiling: 'false',
    }),
    {
      name: 'kubelet',
      argv: [
        binaries.kubelet,
        ...flags({
          kubeconfig: place.kubeconfig('kubelet'),
          'api-server': apiServer,
          ca: join(place.pki, 'ca.crt'),
          address: addresses.node,
          'pod-cidr': addresses.pods,
          dir: join(place.dir, 'kubelet'),
          'kubelet-version': kubernetesVersion,
          hub,
        }),
        ...releases.map(({ version, pilot }) => `--pilot=${version}=${pilot}`),
      ],
    },
    {
      name: 'mirror',
      argv: [process.execPath, join(sources, 'mirror.ts'), place.mirror, String(mirrorPort)],
    },
  ];
}

function part(binary: string, name: string, values: Record<string, string>): Part {
  return { name, argv: [binary, ...flags(values)] };
}

function flags(values: Record<string, string>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

const reads = ['get', 'list', 'watch'];
const machinery = [
  'system:kube-controller-manager',
  'system:kube-scheduler',
  'system:apiserver',
  'testbed-kubelet',
];
const controllers = ['system:serviceaccounts:kube-system'];
const chatter = [
  { group: 'coordination.k8s.io' },
  { group: 'events.k8s.io' },
  { group: '', resources: ['events', 'pods/status', 'pods/binding'] },
];

/** The kinds that are written by hand and by the Action: what was sent for them is kept. */
const written = [
  { group: '', resources: ['namespaces', 'configmaps', 'pods'] },
  { group: 'apps', resources: ['deployments', 'statefulsets', 'daemonsets'] },
  { group: 'coordination.k8s.io', resources: ['leases'] },
];

/**
 * All requests of users and all writes of istiod; of the machinery only what it changes. Without bodies, but for users'
 * writes to some kinds.
 */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', users: machinery, verbs: reads },
    { level: 'None', users: machinery, resources: chatter },
    { level: 'None', userGroups: controllers, resources: chatter },
    { level: 'None', userGroups: ['system:serviceaccounts'], verbs: reads },
    { level: 'Metadata', users: machinery },
    { level: 'Metadata', userGroups: ['system:serviceaccounts'] },
    { level: 'Request', verbs: ['create', 'update', 'patch'], resources: written },
    { level: 'Metadata' },
  ],
};
