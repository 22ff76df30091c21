import { UNREVISIONED } from './names.ts';
import type { Version } from './version.ts';

/** Istio's own namespace. istioctl has to be told of another one. */
export const DEFAULT_NAMESPACE = 'istio-system';
/** `istiod-<revision>` names a Service, and such a name has at most 63 characters. */
const MAX_REVISION = 63 - 'istiod-'.length;

/** The revision that is named after a version: `1-31-0` for `1.31.0` (dots break object names, H51). */
export function deriveRevision({ text }: Version): string {
  return text.replaceAll('.', '-').toLowerCase();
}

/**
 * What is wrong with the name of a revision to install; undefined where nothing is. istioctl itself lets capitals
 * pass and then fails half-way, and takes `default` for the control plane without a revision.
 */
export function revisionFlaw(revision: string): string | undefined {
  if (revision === UNREVISIONED)
    return `"${UNREVISIONED}" is the name of the control plane without a revision`;
  if (revision.length > MAX_REVISION)
    return `it has ${revision.length} characters, ${MAX_REVISION} is the most that object names leave room for`;
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(revision)) return undefined;
  return 'lower-case letters, digits and hyphens are allowed, and no hyphen at the ends (1-31-0, not 1.31.0)';
}

/** What stands behind the names of a control plane's objects: nothing for one without a revision. */
export function suffixOf(revision: string): string {
  return revision === UNREVISIONED ? '' : `-${revision}`;
}

/** Name of istiod's Deployment, Service, HorizontalPodAutoscaler, ServiceAccount and Role. */
export function istiodName(revision: string): string {
  return `istiod${suffixOf(revision)}`;
}
