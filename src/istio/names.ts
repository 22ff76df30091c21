/** Labels, annotations and object names that Istio and this Action use. Names on the cluster never change. */
export const LABEL_REVISION = 'istio.io/rev';
export const LABEL_INJECTION = 'istio-injection';
export const LABEL_TAG = 'istio.io/tag';
export const LABEL_COMPONENT = 'operator.istio.io/component';
/** On what any implementation of the Kubernetes Gateway API makes for a Gateway. */
export const LABEL_GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';
/** On what istiod makes for one: by which of its controllers. */
export const LABEL_GATEWAY_CONTROLLER = 'gateway.istio.io/managed';
/** Set by istioctl on what it installs; Helm does not set it (T20). */
export const LABEL_MANAGED = 'operator.istio.io/managed';
/** Of the IstioOperator that something was made of: its namespace, or the Istio namespace where istioctl was given a file. */
export const LABEL_OWNING_NAMESPACE = 'install.operator.istio.io/owning-resource-namespace';
/** What istioctl notes of the version that it installed. */
export const LABEL_VERSION = 'operator.istio.io/version';
export const ANNOTATION_STATUS = 'sidecar.istio.io/status';
/** Keeps the proxy's image of a pod as it is, whatever its injector would give it. */
export const ANNOTATION_PROXY_IMAGE = 'sidecar.istio.io/proxyImage';
/** On a pod: the injection templates that it asks for, with commas between them. */
export const ANNOTATION_TEMPLATES = 'inject.istio.io/templates';
/** On a pod: the variant of the proxy's image that it asks for, such as `distroless`. */
export const ANNOTATION_VARIANT = 'sidecar.istio.io/proxyImageType';
export const PROXY_CONTAINER = 'istio-proxy';

/** On a namespace: the labels as they were before this Action, as JSON; null for a label that was absent. */
export const ANNOTATION_ORIGINAL_LABELS = 'istio-upgrade/original-labels';
/** On a namespace, beside it: the tag that its label was changed to, and the revision it led to, `<tag>@<revision>`. */
export const ANNOTATION_ADOPTED = 'istio-upgrade/adopted-tag';
/** On a pod template: what the workload was restarted for, `<revision>@<version>#<attempt>`. */
export const ANNOTATION_RESTARTED_FOR = 'istio-upgrade/restarted-for';
/** Name of the record (ConfigMap) and of the lock (Lease), both in the Istio namespace. */
export const RECORD_NAME = 'istio-upgrade';

/** Name of the revision of a control plane that was installed without one. */
export const UNREVISIONED = 'default';
/** The tag that `istio-injection=enabled` follows. */
export const DEFAULT_TAG = 'default';
export const DEFAULT_VALIDATOR = 'istiod-default-validator';

export type Labels = Readonly<Record<string, string>>;
