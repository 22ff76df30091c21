import { laterCharts, type ChartChange } from './charts.ts';
import { stamps, versions, type Version } from './release.ts';

/** Version of Kubernetes; equal to the one in go/kubernetes/go.mod. */
export const kubernetesVersion = 'v1.35.4';

type KubernetesName = (typeof kubernetesNames)[number];

/** The names of the programs a cluster is made of. */
export type ProgramName =
  'pki' | 'etcd' | 'kubelet' | KubernetesName | `istioctl-${Version}` | `pilot-${Version}`;

/** A program that is built from one of the Go modules beside this file. */
export interface Program {
  readonly name: ProgramName;
  readonly module: 'kubernetes' | 'etcd' | 'istio' | 'pki';
  readonly package: string;
  readonly stamps?: string;
  /** It embeds Istio's charts with these changes. */
  readonly charts?: readonly ChartChange[];
}

const kubernetesNames = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const;

const [major, minor] = kubernetesVersion.slice(1).split('.');
const kubernetesStamps = [`gitVersion=${kubernetesVersion}`, `gitMajor=${major}`, `gitMinor=${minor}`]
  .map((stamp) => `-X k8s.io/component-base/version.${stamp}`)
  .join(' ');

const kubernetes = kubernetesNames.map((name): Program => {
  return { name, module: 'kubernetes', package: `k8s.io/kubernetes/cmd/${name}`, stamps: kubernetesStamps };
});

/** The newest release is the one with other charts. */
const istioctlOf = (version: Version): Pick<Program, 'package' | 'charts'> =>
  version === versions.at(-1)
    ? { package: './later', charts: laterCharts }
    : { package: 'istio.io/istio/istioctl/cmd/istioctl' };
const pilot = 'istio.io/istio/pilot/cmd/pilot-discovery';

const istio = versions.flatMap((version): Program[] => [
  { name: `istioctl-${version}`, module: 'istio', ...istioctlOf(version), stamps: stamps(version) },
  { name: `pilot-${version}`, module: 'istio', package: pilot, stamps: stamps(version) },
]);

/** All programs, in the order in which they are built. */
export const programs: readonly Program[] = [
  { name: 'pki', module: 'pki', package: '.' },
  { name: 'etcd', module: 'etcd', package: 'go.etcd.io/etcd/server/v3' },
  ...kubernetes,
  { name: 'kubelet', module: 'istio', package: './kubelet' },
  ...istio,
];
