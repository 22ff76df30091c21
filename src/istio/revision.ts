import { UNREVISIONED } from './names.ts';
import type { Version } from './version.ts';

/** Istio's own namespace: object names carry the namespace only where it is another one. */
export const DEFAULT_NAMESPACE = 'istio-system';
/** `istiod-<revision>` names a Service, and such a name has at most 63 characters. */
const MAX_REVISION = 63 - 'istiod-'.length;
/** `istiod-revision-tag-<tag>` (Istio ≥ 1.28) does, too. */
const MAX_TAG = 63 - 'istiod-revision-tag-'.length;

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
  return labelFlaw(revision, MAX_REVISION);
}

/** What is wrong with the name of a revision tag; undefined where nothing is. */
export function tagFlaw(tag: string): string | undefined {
  return labelFlaw(tag, MAX_TAG);
}

function labelFlaw(name: string, max: number): string | undefined {
  if (name.length > max)
    return `it has ${name.length} characters, ${max} is the most that object names leave room for`;
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) return undefined;
  return 'lower-case letters, digits and hyphens are allowed, and no hyphen at the ends (1-31-0, not 1.31.0)';
}

/** Name of istiod's Deployment, Service, HorizontalPodAutoscaler, ServiceAccount and Role. */
export function istiodName(revision: string): string {
  return `istiod${suffix(revision)}`;
}

/** MutatingWebhookConfiguration that injects for a revision, not for a tag. */
export function injectorName(revision: string, namespace: string): string {
  return `istio-sidecar-injector${suffix(revision)}${foreign(namespace)}`;
}

/** MutatingWebhookConfiguration of a revision tag. */
export function tagWebhookName(tag: string, namespace: string): string {
  return `istio-revision-tag-${tag}${foreign(namespace)}`;
}

/** Service that a revision tag has beside its webhook (Istio ≥ 1.28). */
export function tagServiceName(tag: string): string {
  return `istiod-revision-tag-${tag}`;
}

/** ValidatingWebhookConfiguration of a revision (Istio ≥ 1.11). It always carries the namespace. */
export function validatorName(revision: string, namespace: string): string {
  return `istio-validator${suffix(revision)}-${namespace}`;
}

function suffix(revision: string): string {
  return revision === UNREVISIONED ? '' : `-${revision}`;
}

function foreign(namespace: string): string {
  return namespace === DEFAULT_NAMESPACE ? '' : `-${namespace}`;
}
