import type { Cluster } from '../cluster/cluster.ts';
import type { ConfigMap } from '../cluster/objects.ts';
import { RECORD_NAME } from '../istio/names.ts';
import { isRecord } from './shape.ts';

/** A revision and the version it runs. */
export interface Release {
  readonly revision: string;
  readonly version: string;
}

/** Where an istioctl came from, and what it is: runners are thrown away, so the way back must find it again. */
export interface BinaryProof {
  /** URL, or `path` for one that the user gave. */
  readonly source: string;
  readonly sha256: string;
}

/** What was under way last: what the cluster's other objects can't show. */
export type Intent = 'canary' | 'promote' | 'remove' | 'rollback';

/**
 * What the cluster remembers of an upgrade: only what can't be read off it otherwise. What belongs to a
 * namespace or a workload is kept on that object.
 */
export interface UpgradeRecord {
  readonly schemaVersion: 1;
  /** Names one upgrade from its start to its end or rollback; kept when a run resumes. */
  readonly attempt: string;
  readonly from: Release;
  readonly to: Release;
  readonly istioctl: { readonly from?: BinaryProof; readonly to?: BinaryProof };
  /** Workloads that were not healthy before they were to be moved, as `Kind namespace/name`: at most 500. */
  readonly troubled?: readonly string[];
  /** Workloads with a proxy that was not connected or not in sync before they were to be moved: at most 500. */
  readonly unsynced?: readonly string[];
  /** Of those, the ones with a proxy that was not connected at all. */
  readonly unconnected?: readonly string[];
  /** Where the revision tags that it moved led before; null for one that it made. */
  readonly tags?: Readonly<Record<string, string | null>>;
  /** In place: the namespaces that its canary was last to move, at most 500: only their objects show whether it did. */
  readonly canary?: readonly string[];
  /**
   * In place: sha256 of the configuration that canary has installed. What installs later takes that one, or what is live; others
   * only once each setting that they would lose is acknowledged.
   */
  readonly configuration?: string;
  /** Beside a control plane that stays: sha256 of what the gateways were rendered from that were moved to the target. */
  readonly gateways?: string;
  /** Gateways that a phase was about to label, until their pods are seen through: as `Gateway namespace/name`, at most 500. */
  readonly rolling?: readonly string[] | undefined;
  /** In place: keys of what was lost by leave (`acknowledge`), and does not come back with what is installed last. */
  readonly givenUp?: readonly string[];
  /** In place: what each setting that an installation was to change was before the first that did, as a digest: at most 500. */
  readonly had?: Readonly<Record<string, string>>;
  /** In place, on the way down: uids of pods that were of the target's version before, and that no restart moves; at most 500. */
  readonly stood?: readonly string[];
  /**
   * Digest of the Deployments that the last installation had to write, where it has ended well and somebody else changes what
   * it writes: whether what differs there is left to be installed.
   */
  readonly installed?: string | undefined;
  readonly intent: Intent;
  /** When the attempt began: what it has moved since is its own doing, also where the mark was taken off. */
  readonly begunAt?: string;
  /** When the mesh was first seen to be promoted: from then on `remove-old-after` counts. */
  readonly promotedAt?: string;
  /** What a removal of the old control plane was about to take, as `Kind namespace/name`: whether all of it is there. */
  readonly removing?: readonly string[];
  /** Set when the attempt is over: completed or rolled back. */
  readonly endedAt?: string;
  /** URL of the run that wrote it last, and when. */
  readonly run: string;
  readonly writtenAt: string;
}

/** The record can't be read: somebody else wrote it, or a newer version of this Action. */
export class RecordUnreadable extends Error {
  override readonly name = 'RecordUnreadable';
  readonly remedy: string;

  constructor(namespace: string) {
    super(
      `ConfigMap ${namespace}/${RECORD_NAME} is not a record that this version of the Action has written`,
    );
    this.remedy = `Use the version of this Action that wrote it. If nobody has, delete it with \`kubectl delete configmap ${RECORD_NAME} -n ${namespace}\` and run the phase again with the input version: rollback works without it, from the annotations on the namespaces.`;
  }
}

/** Reads the record; undefined when there is none. */
export async function readRecord(
  cluster: Cluster,
  istioNamespace: string,
): Promise<UpgradeRecord | undefined> {
  const object = await cluster.get('ConfigMap', RECORD_NAME, istioNamespace);
  return object === undefined ? undefined : parseRecord(object);
}

export function parseRecord(object: ConfigMap): UpgradeRecord {
  try {
    const record: unknown = JSON.parse(object.data?.record ?? '');
    if (isRecord(record)) return record;
  } catch {
    // Told below, the same for every way in which it can be unreadable.
  }
  throw new RecordUnreadable(object.metadata.namespace ?? '');
}

/** Writes the record, creating it where it is not there. Writes nothing when it says the same already. */
export async function writeRecord(
  cluster: Cluster,
  istioNamespace: string,
  record: UpgradeRecord,
): Promise<void> {
  const data = { record: JSON.stringify(record, null, 1) };
  const edited = await cluster.edit('ConfigMap', RECORD_NAME, istioNamespace, (current) =>
    sameButTime(current, record) ? undefined : { data },
  );
  if (edited === undefined) {
    await cluster.create(
      'ConfigMap',
      { metadata: { name: RECORD_NAME, labels: { 'app.kubernetes.io/managed-by': 'istio-upgrade' } }, data },
      istioNamespace,
    );
  }
}

function sameButTime(current: ConfigMap, record: UpgradeRecord): boolean {
  const text = (value: UpgradeRecord): string => JSON.stringify({ ...value, run: '', writtenAt: '' });
  try {
    return text(parseRecord(current)) === text(record);
  } catch {
    return false;
  }
}
