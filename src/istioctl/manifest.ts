import { parse } from 'yaml';
import type { KubernetesObject } from '../cluster/objects.ts';
import { contentOf } from '../istio/content.ts';
import { LABEL_COMPONENT, LABEL_REVISION } from '../istio/names.ts';

/** One object that an installation would apply. CRDs are left out: they are shared by declaration. */
export interface RenderedObject {
  readonly kind: string;
  readonly name: string;
  /** Undefined for an object of the whole cluster. */
  readonly namespace: string | undefined;
  /** Label `operator.istio.io/component`; undefined for what carries none, such as accounts, roles and all of ztunnel. */
  readonly component: string | undefined;
  /** Label `istio.io/rev`. */
  readonly revision: string | undefined;
  /** Digest of what its configuration decides; undefined for kinds whose content nobody compares. */
  readonly content: string | undefined;
}

/** Components that all revisions share, so that installing one of them moves the mesh's only one (H22, H54, T17). */
const SHARED_COMPONENTS = ['IngressGateways', 'EgressGateways', 'Cni', 'Ztunnel'];
const WORKLOADS = ['Deployment', 'DaemonSet', 'StatefulSet'];

/** istioctl's rendered manifest is not what it should be. */
export class UnreadableManifest extends Error {
  override readonly name = 'UnreadableManifest';
}

/**
 * The objects of `manifest generate`, a stream of YAML documents.
 *
 * @throws UnreadableManifest where there is none, or one of them is no object of Kubernetes
 */
export function parseManifest(text: string): RenderedObject[] {
  const documents = text.split(/^---[ \t]*$/m).filter((part) => part.trim() !== '');
  if (documents.length === 0) throw new UnreadableManifest('istioctl rendered nothing');
  // Nine tenths of the text are CRDs; parsing them costs a second and tells nothing.
  return documents.filter((part) => !/^kind: CustomResourceDefinition$/m.test(part)).map(toRendered);
}

/**
 * What of it would touch gateways, CNI or ztunnel. The label of the component is not enough: the charts leave it off
 * ztunnel, and the installer adds it (seen with `--set profile=ambient`), so every workload but istiod counts, too.
 */
export function sharedComponents(rendered: readonly RenderedObject[]): RenderedObject[] {
  return rendered.filter(
    ({ component = '', kind, name }) =>
      SHARED_COMPONENTS.includes(component) || (WORKLOADS.includes(kind) && !/^istiod(-|$)/.test(name)),
  );
}

function toRendered(document: string): RenderedObject {
  const object = readObject(document);
  const metadata = object?.metadata;
  if (typeof object?.kind !== 'string' || typeof metadata?.name !== 'string') {
    throw new UnreadableManifest('istioctl rendered something that is no object of Kubernetes');
  }
  return {
    kind: object.kind,
    name: metadata.name,
    namespace: metadata.namespace,
    component: metadata.labels?.[LABEL_COMPONENT],
    revision: metadata.labels?.[LABEL_REVISION],
    content: contentOf(object as KubernetesObject),
  };
}

interface YamlObject {
  readonly kind?: unknown;
  readonly metadata?: {
    readonly name?: unknown;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

function readObject(document: string): YamlObject | null {
  try {
    return parse(document) as YamlObject | null;
  } catch (error) {
    throw new UnreadableManifest('istioctl rendered something that is no YAML', { cause: error });
  }
}
