import { type ClusterObject, IGNORED_KINDS, normalise } from '../support/normalise.ts';
import { inside } from '../support/testbed.ts';

/** Everything that two ends are compared by. */
export interface Observation {
  /** All objects, normalised; addresses of Services aside, which are drawn anew when one is made anew. */
  readonly objects: unknown;
  /** The labels of before, by namespace. */
  readonly originals: Readonly<Record<string, string>>;
  /** `revision proxy-image` of each pod that is not ending, by namespace. */
  readonly pods: Readonly<Record<string, readonly string[]>>;
  /** Who holds the lock; undefined: nobody. */
  readonly holder: string | undefined;
}

/** Runs a command in a cluster that must succeed. */
export async function must(cluster: string, argv: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await inside(cluster, argv, input);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${String(code)}: ${stderr}`);
  return stdout;
}

/** The kinds that a cluster knows, for {@link observe}. */
export async function kindsOf(cluster: string): Promise<string> {
  const kinds = (await must(cluster, ['kubectl', 'api-resources', '--verbs=list', '-o', 'name'])).trim();
  const looked = kinds.split('\n').filter((kind) => !(kind in IGNORED_KINDS));
  return [...looked, 'pods', 'leases.coordination.k8s.io'].join(',');
}

/** Looks at a whole cluster, once. */
export async function observe(cluster: string, kinds: string): Promise<Observation> {
  const text = await must(cluster, ['kubectl', 'get', kinds, '-A', '-o', 'json']);
  const { items } = JSON.parse(text) as { items: ClusterObject[] };
  const of = (kind: string): ClusterObject[] => items.filter((item) => item.kind === kind);
  const rest = items.filter(({ kind }) => kind !== 'Pod' && kind !== 'Lease');
  const originals = of('Namespace').flatMap(({ metadata }) => {
    const original = annotationsOf(metadata)['istio-upgrade/original-labels'];
    return original === undefined ? [] : [[metadata.name, original] as const];
  });
  const lease = of('Lease').find(({ metadata }) => metadata.name === 'istio-upgrade');
  const holder = (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity;
  return {
    objects: JSON.parse(
      JSON.stringify(normalise(rest), (key, value: unknown) =>
        /^clusterIPs?$/.test(key) ? undefined : value,
      ),
    ),
    originals: Object.fromEntries(originals),
    pods: podsOf(of('Pod')),
    holder: holder === '' ? undefined : holder,
  };
}

function podsOf(pods: readonly ClusterObject[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { metadata, spec } of pods) {
    if (metadata.deletionTimestamp !== undefined) continue;
    const { initContainers = [], containers = [] } = spec as Record<
      string,
      { name: string; image: string }[] | undefined
    >;
    const status = annotationsOf(metadata)['sidecar.istio.io/status'];
    const revision = status === undefined ? '-' : (JSON.parse(status) as { revision: string }).revision;
    const proxy = [...initContainers, ...containers].find(({ name }) => name === 'istio-proxy');
    (found[metadata.namespace ?? ''] ??= []).push(`${revision} ${proxy?.image ?? '-'}`);
  }
  Object.values(found).forEach((list) => list.sort());
  return found;
}

function annotationsOf(metadata: ClusterObject['metadata']): Readonly<Record<string, string>> {
  return (metadata as { annotations?: Record<string, string> }).annotations ?? {};
}

/** Where two observations differ, a line each; empty where they are the same. */
export function differences(is: unknown, wanted: unknown, path = ''): string[] {
  if (JSON.stringify(is) === JSON.stringify(wanted)) return [];
  if (!isRecord(is) || !isRecord(wanted)) {
    return [`${path}: ${short(is)} instead of ${short(wanted)}`];
  }
  const keys = new Set([...Object.keys(is), ...Object.keys(wanted)]);
  return [...keys].flatMap((key) =>
    differences(is[key], wanted[key], path === '' ? key : `${path} › ${key}`),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function short(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  return (text ?? 'nothing').slice(0, 160);
}
