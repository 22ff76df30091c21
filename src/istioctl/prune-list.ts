import { cutLogLines, lastWords } from './output.ts';
import type { Printed, Unreadable } from './reading.ts';

/** One object that an uninstall would delete. */
export interface PrunedObject {
  /** Empty for the core group; undefined, as its version, where that istioctl does not tell it. */
  readonly group: string | undefined;
  readonly version: string | undefined;
  readonly kind: string;
  /** Undefined for an object of the whole cluster. */
  readonly namespace: string | undefined;
  readonly name: string;
}

/** What an uninstall would delete, and nothing else. */
export interface PruneList {
  readonly readable: true;
  readonly objects: readonly PrunedObject[];
}

/** `apps/v1, Kind=Deployment/istiod-canary.istio-system`; nothing follows the last dot where there is no namespace. */
const OBJECT =
  /^Not pruning object (?<group>[^/\s]*)\/(?<version>\S+), Kind=(?<kind>\w+)\/(?<name>\S+)\.(?<namespace>[^.\s]*) because of dry run\.$/;
/** Up to 1.23: `Deployment:istio-system:istiod-canary`, and `ClusterRole:name` (Istio's operator/pkg/object `Hash`); older ones say deleting. */
const HASH =
  /^Not (?:pruning|deleting) object (?<kind>[A-Z]\w*):(?:(?<namespace>[^:\s]*):)?(?<name>[^:\s]+) because of dry run\.$/;
const NOTHING = 'No resources will be pruned from the cluster';

/**
 * Reads `uninstall --revision R --dry-run` (recordings `*-uninstall-*-dry-run`; for 1.11 to 1.23 by Istio's code). The proxies that
 * it lists are not read: istioctl's own connections are among them (T12), and without the right to ask it says that
 * there are none (recording 325-rights-reader-uninstall-dry-run). An answer without objects must say so itself.
 */
export function readPruneList(printed: Printed): PruneList | Unreadable {
  if (printed.code !== 0) return { readable: false, reason: lastWords(printed) || 'it said nothing' };
  const lines = cutLogLines(printed.stdout).split('\n');
  const claims = lines.filter((line) => /^Not (?:pruning|deleting) object/.test(line));
  const objects = claims.flatMap(toObject);
  if (objects.length < claims.length)
    return { readable: false, reason: 'it lists objects in a form that is not known' };
  if (objects.length === 0 && !lines.some((line) => line.startsWith(NOTHING))) {
    return { readable: false, reason: 'it neither listed objects nor said that there are none' };
  }
  return { readable: true, objects };
}

function toObject(line: string): PrunedObject[] {
  const { group, version, kind, name, namespace } = (OBJECT.exec(line) ?? HASH.exec(line))?.groups ?? {};
  if (kind === undefined || name === undefined) return [];
  return [{ group, version, kind, name, namespace: namespace === '' ? undefined : namespace }];
}
