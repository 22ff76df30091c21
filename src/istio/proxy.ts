import type { Container, Pod, PodSpec } from '../cluster/objects.ts';
import { ANNOTATION_STATUS, LABEL_REVISION, PROXY_CONTAINER, UNREVISIONED } from './names.ts';
import { labelValue, statusRevision } from './text.ts';
import { hasNoRevisions } from './unrecorded.ts';
import { releaseOf } from './version.ts';

/** The proxy container, a regular one or a native sidecar (an init container). */
export function proxyContainer(spec: PodSpec): Container | undefined {
  return [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === PROXY_CONTAINER);
}

/**
 * The revision that injected a pod, as the pod itself records it: the injection status (Istio ≥ 1.11), else
 * the annotation (≥ 1.18), else the label (1.6 to 1.17; later it is the user's own and may name a tag, H17). What is no label
 * value is no revision: anybody who may make pods writes these.
 */
export function injectedRevision(pod: Pod): string | undefined {
  const { annotations = {}, labels = {} } = pod.metadata;
  return (
    statusRevision(annotations[ANNOTATION_STATUS]) ??
    labelValue(annotations[LABEL_REVISION]) ??
    labelValue(labels[LABEL_REVISION])
  );
}

/** The same of a pod with its proxy: until 1.5 an injector notes that it was there, and no revision, as there was but one. */
export function revisionOfProxy(pod: Pod, { image }: Container): string | undefined {
  const unrecorded =
    pod.metadata.annotations?.[ANNOTATION_STATUS] !== undefined && hasNoRevisions(imageVersion(image));
  return injectedRevision(pod) ?? (unrecorded ? UNREVISIONED : undefined);
}

/**
 * The release of Istio in an image's tag, such as `1.31.0` of `docker.io/istio/proxyv2:1.31.0-distroless` or of
 * `registry:5000/pilot:v1.31.0-solo@sha256:…`; undefined where the image is pinned by digest alone or its tag is no
 * release (F05). Compare with `sameRelease`, as the input may name a vendor's version.
 */
export function imageVersion(image: string | undefined): string | undefined {
  const tag = imageTag(image);
  return tag === undefined ? undefined : releaseOf(tag);
}

/** An image's tag as it is written; undefined without one. The port of a registry is no tag. */
export function imageTag(image: string | undefined): string | undefined {
  const name = (image ?? '').split('@')[0] ?? '';
  return /:([^:/]+)$/.exec(name)?.[1];
}
