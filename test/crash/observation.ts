import { type ClusterObject, normalise } from '../support/normalise.ts';

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

/** What a cluster's objects, Pods and Leases among them, come to. */
export function observationOf(items: readonly ClusterObject[]): Observation {
  const of = (kind: string): readonly ClusterObject[] => items.filter((item) => item.kind === kind);
  const rest = items.filter(({ kind }) => kind !== 'Pod' && kind !== 'Lease');
  const originals = of('Namespace').flatMap(({ metadata }) => {
    const original = annotationsOf(metadata)['istio-upgrade/original-labels'];
    return original === undefined ? [] : [[metadata.name, original] as const];
  });
  const lease = of('Lease').find(({ metadata }) => metadata.name === 'istio-upgrade');
  const holder = (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity;
  return {
    objects: JSON.parse(
      JSON.stringify(normalise(rest.map(withoutNote)), (key, value: unknown) =>
        /^clusterIPs?$/.test(key) ? undefined : value,
      ),
    ),
    originals: Object.fromEntries(originals),
    pods: podsOf(of('Pod')),
    holder: holder === '' ? undefined : holder,
  };
}

/**
 * Without what the ConfigMap `values` holds: by its own annotation it is there for debugging, and changing it has no effect.
 * It is written in the middle of an installation, and what remains to be done is not judged by it.
 */
function withoutNote(item: ClusterObject): ClusterObject {
  const isNote = item.kind === 'ConfigMap' && /^values(-|$)/.test(item.metadata.name);
  return isNote ? { ...item, data: undefined } : item;
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
