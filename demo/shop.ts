/** An object to create, as the clusters take it. */
export interface DemoObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec?: object;
}

/** How the namespaces of the demo's shop chose their control plane, and what runs in them: `Kind name replicas`. */
const DEPARTMENTS: Readonly<
  Record<string, { readonly chooses: 'revision' | 'injection' | 'nothing'; readonly runs: readonly string[] }>
> = {
  storefront: {
    chooses: 'revision',
    runs: [
      'Deployment frontend 3',
      'Deployment cart 2',
      'Deployment recommendations 2',
      'Deployment search 2',
      'Deployment sessions 1',
    ],
  },
  catalog: {
    chooses: 'revision',
    runs: [
      'Deployment products 2',
      'Deployment prices 2',
      'Deployment images 1',
      'Deployment reviews 2',
      'StatefulSet index 2',
    ],
  },
  checkout: {
    chooses: 'injection',
    runs: [
      'Deployment payments 2',
      'Deployment orders 2',
      'Deployment vouchers 1',
      'Deployment invoices 1',
      'DaemonSet fraud-agent',
    ],
  },
  accounts: {
    chooses: 'injection',
    runs: [
      'Deployment login 2',
      'Deployment profiles 1',
      'Deployment notifications 1',
      'StatefulSet sessions 2',
    ],
  },
  shipping: {
    chooses: 'injection',
    runs: ['Deployment labels 1', 'Deployment tracking 2', 'Deployment returns 1', 'Deployment carriers 1'],
  },
  backoffice: { chooses: 'nothing', runs: ['Deployment reports 1', 'Deployment imports 1'] },
};

/** Namespaces that are in the mesh. */
export const MESH = Object.entries(DEPARTMENTS)
  .filter(([, { chooses }]) => chooses !== 'nothing')
  .map(([name]) => name);

export const NAMESPACES = Object.keys(DEPARTMENTS).length;
export const WORKLOADS = Object.values(DEPARTMENTS).reduce((sum, { runs }) => sum + runs.length, 0);

/** The shop in a mesh of that revision. */
export function demoShop(revision: string): DemoObject[] {
  const labels = {
    revision: { 'istio.io/rev': revision },
    injection: { 'istio-injection': 'enabled' },
    nothing: {},
  };
  return Object.entries(DEPARTMENTS).flatMap(([name, { chooses, runs }]) => [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { ...labels[chooses], 'app.kubernetes.io/part-of': 'shop' } },
    },
    ...runs.map((line) => workload(name, line)),
  ]);
}

function workload(namespace: string, line: string): DemoObject {
  const [kind = '', name = '', replicas] = line.split(' ');
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, labels },
    spec: {
      ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, version: 'v1' } },
        spec: { containers: [{ name, image: `registry.example/shop/${name}:1.0.0` }] },
      },
    },
  };
}
