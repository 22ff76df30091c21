import { isDeepStrictEqual } from 'node:util';
import type { ClusterObject } from './normalise.ts';

/** What was done to a mesh, one after the other: istioctl of a version, with arguments. */
export interface MeshStep {
  readonly title: string;
  readonly version: string;
  readonly args: readonly string[];
}

/** Every change to a mesh that the Action makes through istioctl, and what people do before it. */
export const MESH_STEPS: Readonly<Record<'1-30-3' | 'default', readonly MeshStep[]>> = {
  '1-30-3': [
    step('a second revision', '1.31.0', 'install --set profile=minimal --revision 1-31-0 -y'),
    step('the default to it', '1.31.0', 'tag set default --revision 1-31-0 --overwrite -y'),
    step('a tag of the user', '1.31.0', 'tag set prod --revision 1-31-0 -y'),
    step('without the first', '1.30.3', 'uninstall --revision 1-30-3 -y'),
  ],
  default: [
    step('a revision beside it', '1.31.0', 'install --set profile=minimal --revision 1-31-0 -y'),
    step('the default to it', '1.31.0', 'tag set default --revision 1-31-0 --overwrite -y'),
    step('the default back', '1.30.3', 'tag set default --revision default --overwrite -y'),
    step('without the revision', '1.31.0', 'uninstall --revision 1-31-0 -y'),
  ],
};

function step(title: string, version: string, args: string): MeshStep {
  return { title, version, args: args.split(' ') };
}

/** Kinds that are looked at. */
export const MESH_KINDS = [
  'Namespace',
  'Pod',
  'Service',
  'ServiceAccount',
  'ConfigMap',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'Role',
  'RoleBinding',
  'ClusterRole',
  'ClusterRoleBinding',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'CustomResourceDefinition',
];

/** What Kubernetes and istiod make by themselves, and the embedded cluster leaves out. */
const LEFT_OUT =
  /^(kube-.*|system:.*|default|kubernetes|(cluster-)?admin|edit|view|extension-apiserver-authentication|istio-ca-(crl|root-cert)|istio-leader|istio-ip-autoallocate|istio-namespace-controller-election)$/;

/** Annotations by which controllers and kubectl count. */
const COUNTING =
  /^(deployment\.kubernetes\.io\/revision|deprecated\.daemonset|kubectl\.kubernetes\.io\/last)/;
/** Labels that carry a random or hashed part. */
const HASHED = /^(pod-template-hash|controller-revision-hash|pod-template-generation)$/;

type Tree = Readonly<Record<string, unknown>>;

/** What became of objects between two views: an object as it is now, or null for one that has gone. */
export function meshChanges(before: Tree, after: Tree): Tree {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return Object.fromEntries(
    keys.filter((key) => !isDeepStrictEqual(before[key], after[key])).map((key) => [key, after[key] ?? null]),
  );
}

/**
 * What a cluster's objects are to the Action and to istioctl: names, labels, annotations, what webhooks select and ask,
 * who is bound to what, which containers run. Pods are looked at by the workload that they are of.
 */
export function meshView(objects: readonly ClusterObject[]): Tree {
  const seen = objects
    .filter(({ kind, metadata }) => MESH_KINDS.includes(kind) && !LEFT_OUT.test(metadata.name))
    .filter(({ metadata: { namespace = '' } }) => !namespace.startsWith('kube-'))
    .map((object) => [keyOf(object), viewOf(object)] as const);
  return Object.fromEntries(seen.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A pod's own name is random; beside its workload's, istiods are told apart by their revision. */
function keyOf({ kind, metadata: { name, namespace, labels } }: ClusterObject): string {
  const { app = name, 'istio.io/rev': revision } = (labels ?? {}) as Record<string, string | undefined>;
  const own = kind === 'Pod' ? `${app}${revision === undefined ? '' : ` of ${revision}`}` : name;
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${own}`;
}

function viewOf(object: ClusterObject): object {
  const {
    metadata,
    spec = {},
    webhooks,
    roleRef,
    subjects,
    data,
  } = object as ClusterObject & {
    spec?: Tree;
    data?: object;
    webhooks?: readonly { clientConfig: Tree }[];
  };
  const template = spec.template as
    { metadata: Readonly<Partial<Record<'labels' | 'annotations', object>>>; spec: Tree } | undefined;
  const containers = object.kind === 'Pod' ? containersOf(spec) : template && containersOf(template.spec);
  return defined({
    labels: without(metadata.labels as object | undefined, HASHED, /^(statefulset|apps)\.kubernetes\.io\//),
    annotations: without(metadata.annotations as object | undefined, COUNTING),
    webhooks: webhooks?.map((webhook) => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, caBundle: undefined },
    })),
    selector: spec.selector,
    template: template && {
      labels: without(template.metadata.labels, HASHED),
      annotations: without(template.metadata.annotations, COUNTING),
    },
    containers,
    roleRef,
    subjects,
    data: data === undefined ? undefined : Object.keys(data).sort(),
    defines: object.kind === 'CustomResourceDefinition' ? definition(spec) : undefined,
  });
}

/** Names and images, native sidecars marked. */
function containersOf(spec: Tree): string[] {
  interface Container {
    name: string;
    image: string;
    restartPolicy?: string;
  }
  const list = (field: string): Container[] => (spec[field] ?? []) as Container[];
  return [
    ...list('initContainers').map(
      ({ name, image, restartPolicy }) =>
        `${restartPolicy === 'Always' ? 'sidecar' : 'init'} ${name} ${image}`,
    ),
    ...list('containers').map(({ name, image }) => `${name} ${image}`),
  ].sort();
}

function definition(spec: Tree): object {
  const { kind, plural } = spec.names as { kind: string; plural: string };
  const versions = (spec.versions as { name: string }[]).map(({ name }) => name).sort();
  return { group: spec.group, scope: spec.scope, kind, plural, versions };
}

function without(map: object | undefined, ...keys: readonly RegExp[]): object | undefined {
  const kept = Object.entries(map ?? {}).filter(([key]) => !keys.some((pattern) => pattern.test(key)));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function defined(view: Tree): object {
  // By way of JSON, so that what is undefined is not there at all, in a fixture as in memory.
  return JSON.parse(JSON.stringify(view)) as object;
}
