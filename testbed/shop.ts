/** A Kubernetes object, as far as the testbed looks at one. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
  };
  readonly spec?: unknown;
}

/** A namespace of the shop: how it chose its control plane, and what runs in it. */
interface Department {
  readonly name: string;
  readonly labels: (revision: string) => Record<string, string>;
  readonly workloads: readonly Workload[];
}

interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly name: string;
  readonly replicas?: number;
  readonly annotations?: Record<string, string>;
}

/** Every way of choosing a control plane by a label on the namespace, and every kind of workload. */
const departments: readonly Department[] = [
  {
    name: 'storefront',
    labels: (revision) => ({ 'istio.io/rev': revision }),
    workloads: [
      { kind: 'Deployment', name: 'frontend', replicas: 3 },
      { kind: 'Deployment', name: 'cart', replicas: 2 },
    ],
  },
  {
    name: 'catalog',
    labels: (revision) => ({ 'istio.io/rev': revision }),
    workloads: [
      { kind: 'Deployment', name: 'products', replicas: 2 },
      { kind: 'StatefulSet', name: 'search', replicas: 2 },
    ],
  },
  {
    name: 'checkout',
    labels: () => ({ 'istio-injection': 'enabled' }),
    workloads: [
      // the one sidecar that is a regular container; the others are native sidecars, as on any Kubernetes ≥ 1.33
      {
        kind: 'Deployment',
        name: 'payments',
        replicas: 2,
        annotations: { 'sidecar.istio.io/nativeSidecar': 'false' },
      },
      { kind: 'DaemonSet', name: 'fraud-agent' },
    ],
  },
  {
    name: 'legacy',
    labels: (revision) => ({ 'istio-injection': 'enabled', 'istio.io/rev': revision }),
    workloads: [{ kind: 'Deployment', name: 'orders', replicas: 2 }],
  },
  {
    name: 'outside',
    labels: () => ({}),
    workloads: [{ kind: 'Deployment', name: 'reports', replicas: 1 }],
  },
];

/** The shop in a mesh of that revision; `default` is the unrevisioned one. */
export function shop(revision: string): KubernetesObject[] {
  return departments.flatMap((department) => [
    namespace(department.name, { ...department.labels(revision), 'app.kubernetes.io/part-of': 'shop' }),
    ...department.workloads.flatMap((item) => [
      workload(department.name, item),
      service(department.name, item.name),
    ]),
  ]);
}

/** How big a big mesh is. */
export interface Size {
  readonly namespaces: number;
  readonly workloads: number;
  readonly replicas: number;
}

/** Many equal namespaces: no Services, since each would be in the configuration of every proxy. */
export function load(revision: string, size: Size): KubernetesObject[] {
  return count(size.namespaces).flatMap((i) => {
    const name = `load-${String(i).padStart(3, '0')}`;
    return [
      namespace(name, { 'istio.io/rev': revision, 'app.kubernetes.io/part-of': 'load' }),
      ...count(size.workloads).map((j) =>
        workload(name, {
          kind: 'Deployment',
          name: `app-${String(j).padStart(2, '0')}`,
          replicas: size.replicas,
        }),
      ),
    ];
  });
}

function count(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

function namespace(name: string, labels: Record<string, string>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function workload(namespace: string, item: Workload): KubernetesObject {
  const labels = { app: item.name };
  const replicas = item.replicas === undefined ? {} : { replicas: item.replicas };
  return {
    apiVersion: 'apps/v1',
    kind: item.kind,
    metadata: { name: item.name, namespace, labels },
    spec: {
      ...replicas,
      ...(item.kind === 'StatefulSet' ? { serviceName: item.name } : {}),
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels: { ...labels, version: 'v1' },
          ...(item.annotations ? { annotations: item.annotations } : {}),
        },
        spec: {
          containers: [
            {
              name: item.name,
              image: `registry.example/shop/${item.name}:1.0.0`,
              ports: [{ name: 'http', containerPort: 8080 }],
              resources: { requests: { cpu: '10m', memory: '16Mi' } },
            },
          ],
        },
      },
    },
  };
}

function service(namespace: string, name: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { app: name } },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
}
