/** Objects as they are sent to a cluster. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
  readonly [field: string]: unknown;
}

type Strings = Readonly<Record<string, string>>;

/** What a workload has beside its name. */
export interface Traits {
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly replicas?: number;
  readonly podLabels?: Strings;
  readonly podAnnotations?: Strings;
  readonly labels?: Strings;
  readonly annotations?: Strings;
  /** Added to `spec`. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Added to the pod's `spec`. */
  readonly podSpec?: Readonly<Record<string, unknown>>;
}

export function namespace(name: string, labels: Strings = {}, annotations: Strings = {}): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, annotations } };
}

export function workload(home: string, name: string, traits: Traits = {}): Manifest {
  const { kind = 'Deployment', replicas = 1, labels = {}, annotations = {} } = traits;
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: home, labels, annotations },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      selector: { matchLabels: { app: name } },
      template: templateOf(name, traits),
      ...traits.spec,
    },
  };
}

export function pod(home: string, name: string, traits: Traits = {}): Manifest {
  const { metadata, spec } = templateOf(name, traits);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: home, ...metadata }, spec };
}

/** The template of a pod, as a workload has it. */
export function templateOf(
  name: string,
  { podLabels = {}, podAnnotations = {}, podSpec = {} }: Traits,
): { metadata: { labels: Strings; annotations: Strings }; spec: object } {
  return {
    metadata: { labels: { app: name, ...podLabels }, annotations: podAnnotations },
    spec: { containers: [{ name, image: `registry.example/${name}:1.0.0` }], ...podSpec },
  };
}
