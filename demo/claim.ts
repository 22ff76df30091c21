import { isDeepStrictEqual } from 'node:util';
import { type ClusterObject, type Snapshot, normalise } from '../test/support/normalise.ts';
import type { DemoCluster } from './cluster.ts';

/** Something that the demo claims is not so. */
export class NotSo extends Error {
  override readonly name = 'NotSo';
}

/** Says what was looked at in the cluster itself, and that it is so. */
export function see(what: string, is: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(is, wanted)) {
    const [seen, due] = isRecord(is) && isRecord(wanted) ? onlyDifferent(is, wanted) : [is, wanted];
    throw new NotSo(
      `it should be so that ${what}.\n  It is:        ${shown(seen)}\n  It should be: ${shown(due)}`,
    );
  }
  process.stdout.write(`  👁  ${what}\n`);
}

type Tree = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Both without what is the same in them, however deep: what is left is what a person has to look at. */
function onlyDifferent(is: Tree, wanted: Tree): [Tree, Tree] {
  const pairs = [...new Set([...Object.keys(is), ...Object.keys(wanted)])]
    .filter((key) => !isDeepStrictEqual(is[key], wanted[key]))
    .map((key): [string, unknown, unknown] => {
      const [a, b] = [is[key], wanted[key]];
      return isRecord(a) && isRecord(b) ? [key, ...onlyDifferent(a, b)] : [key, a ?? null, b ?? null];
    });
  return [
    Object.fromEntries(pairs.map(([key, a]) => [key, a])),
    Object.fromEntries(pairs.map(([key, , b]) => [key, b])),
  ];
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}

/** What a person would look for with kubectl. Nothing of it comes from the Action or its report. */
export interface Sight {
  /** The revisions that pods' sidecars are of, by namespace; a pod without sidecar counts as `none`. */
  readonly pods: Readonly<Record<string, readonly string[]>>;
  /** `istio-injection` and `istio.io/rev` of each namespace of the shop. */
  readonly labels: Readonly<Record<string, string>>;
  /** Deployments of istiod, by name, with their image's version. */
  readonly istiods: Readonly<Record<string, string>>;
  /** Revisions that have the default tag and the default validator. */
  readonly defaults: { readonly tag: string; readonly validator: string };
  readonly snapshot: Snapshot;
}

export async function look(cluster: DemoCluster): Promise<Sight> {
  const [objects, pods] = [await cluster.objects(), await cluster.pods()];
  const isOfShop = ({ metadata }: ClusterObject): boolean =>
    labelsOf(metadata)['app.kubernetes.io/part-of'] === 'shop';
  const shop = objects.filter((object) => object.kind === 'Namespace' && isOfShop(object));
  const revisionOf = (name: string): string =>
    labelsOf(objects.find(({ metadata }) => metadata.name === name)?.metadata ?? {})['istio.io/rev'] ??
    'none';
  return {
    pods: Object.fromEntries(
      shop.map(({ metadata: { name } }) => [
        name,
        [
          ...new Set(
            pods
              .filter(isAlive)
              .filter(({ metadata }) => metadata.namespace === name)
              .map(injectedBy),
          ),
        ].sort(),
      ]),
    ),
    labels: Object.fromEntries(shop.map(({ metadata }) => [metadata.name, choiceOf(metadata)])),
    istiods: Object.fromEntries(
      objects
        .filter(({ kind, metadata }) => kind === 'Deployment' && labelsOf(metadata).app === 'istiod')
        .map((object) => [object.metadata.name, versionOf(object)]),
    ),
    defaults: {
      tag: revisionOf('istio-revision-tag-default'),
      validator: revisionOf('istiod-default-validator'),
    },
    snapshot: normalise(objects),
  };
}

/** Names of objects that carry a revision's label, or of webhooks that ask its istiod. */
export function traces({ snapshot }: Sight, revision: string): string[] {
  return Object.entries(snapshot)
    .filter(
      ([, object]) =>
        labelsOf((object as ClusterObject).metadata)['istio.io/rev'] === revision ||
        JSON.stringify((object as ClusterObject).webhooks ?? []).includes(`"istiod-${revision}"`),
    )
    .map(([name]) => name);
}

function isAlive({ metadata }: ClusterObject): boolean {
  return metadata.deletionTimestamp === undefined;
}

function labelsOf(metadata: object): Readonly<Partial<Record<string, string>>> {
  return (metadata as { labels?: Record<string, string> }).labels ?? {};
}

function choiceOf(metadata: ClusterObject['metadata']): string {
  const labels = labelsOf(metadata);
  return ['istio-injection', 'istio.io/rev']
    .flatMap((label) => (labels[label] === undefined ? [] : [`${label}=${labels[label]}`]))
    .join(' ');
}

function injectedBy({ metadata }: ClusterObject): string {
  const { annotations = {} } = metadata as { annotations?: Record<string, string> };
  const status = annotations['sidecar.istio.io/status'];
  return status === undefined ? 'none' : (JSON.parse(status) as { revision: string }).revision;
}

function versionOf({ spec }: ClusterObject): string {
  const { template } = spec as { template: { spec: { containers: { image: string }[] } } };
  return template.spec.containers[0]?.image.split(':').at(-1) ?? '';
}
