import { parse } from 'yaml';
import { type AnyObject, contentOf, text } from '../istio/content.ts';
import { treeOf } from '../istio/leaves.ts';
import { LABEL_COMPONENT, LABEL_REVISION, LABEL_TAG } from '../istio/names.ts';
import { type Valued, mayBeMeant, placeholdersIn, textsIn } from '../istio/placeholders.ts';
import { imageTypeOf, imagesOf, ownContainersOf, proxyOf, readYaml } from '../istio/rendered-images.ts';
import { inNewestVersion } from './newest-api.ts';

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
  /** Label `istio.io/tag`. */
  readonly tag: string | undefined;
  /** Images of Istio that it runs, or that the injector would give to pods. */
  readonly images: readonly string[];
  /** Image of its container `istio-proxy`. */
  readonly proxy?: string;
  /** Variant of the proxy's image that the mesh configuration asks for. */
  readonly imageType?: string;
  /** Namespaces of the Services that its webhooks call. */
  readonly serves: readonly string[];
  /** Names of its webhooks; undefined where it has none. */
  readonly webhooks?: readonly string[];
  /** What it scales, in its own namespace; undefined for what is no autoscaler. */
  readonly scales?: { readonly kind: string; readonly name: string };
  /** What was left to be filled in. */
  readonly placeholders: readonly string[];
  /** Digest of what it holds, to be compared with a live object's; see `contentOf`. */
  readonly content: string | undefined;
}

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
  return documentsOf(text).map(toRendered);
}

/**
 * The same objects as they are, with all that they hold.
 *
 * @throws UnreadableManifest where there is none, or one of them is no YAML
 */
export function readObjects(text: string): unknown[] {
  return documentsOf(text).map(readObject);
}

/** The YAML documents of a stream, empty ones left out. */
export function splitDocuments(text: string): string[] {
  return text.split(/^---[ \t]*$/m).filter((part) => part.trim() !== '');
}

function documentsOf(text: string): string[] {
  const documents = splitDocuments(text);
  if (documents.length === 0) throw new UnreadableManifest('istioctl rendered nothing');
  // Nine tenths of the text are CRDs; parsing them costs a second and tells nothing.
  return documents.filter((part) => !/^kind: CustomResourceDefinition$/m.test(part));
}

function toRendered(document: string): RenderedObject {
  const object = readObject(document);
  const metadata = object?.metadata;
  if (typeof object?.kind !== 'string' || typeof metadata?.name !== 'string') {
    throw new UnreadableManifest('istioctl rendered something that is no object of Kubernetes');
  }
  const [imageType, proxy] = [imageTypeOf(object), proxyOf(object)];
  return {
    kind: object.kind,
    name: metadata.name,
    namespace: metadata.namespace,
    component: metadata.labels?.[LABEL_COMPONENT],
    revision: metadata.labels?.[LABEL_REVISION],
    tag: metadata.labels?.[LABEL_TAG],
    images: imagesOf(object),
    ...(proxy === undefined ? {} : { proxy }),
    ...(imageType === undefined ? {} : { imageType }),
    serves: servedBy(object),
    ...webhooksOf(object),
    ...scaledBy(object),
    placeholders: leftIn(object),
    content: contentOf(object),
  };
}

function hooksOf({ webhooks }: YamlObject): (Webhook | null)[] {
  return Array.isArray(webhooks) ? (webhooks as (Webhook | null)[]) : [];
}

function webhooksOf(object: YamlObject): Pick<RenderedObject, 'webhooks'> {
  const names = hooksOf(object).flatMap((hook) => hook?.name ?? []);
  return names.length === 0 ? {} : { webhooks: names };
}

function servedBy(object: YamlObject): string[] {
  const namespaces = hooksOf(object).map((hook) => hook?.clientConfig?.service?.namespace);
  return [...new Set(namespaces.filter((namespace) => namespace !== undefined))];
}

function scaledBy({ kind, spec }: YamlObject): Pick<RenderedObject, 'scales'> {
  if (kind !== 'HorizontalPodAutoscaler') return {};
  const aim = treeOf(treeOf(spec).scaleTargetRef);
  return typeof aim.name === 'string' ? { scales: { kind: text(aim.kind), name: aim.name } } : {};
}

/**
 * The injector's `config` is made of templates, and `values` repeats those of the user: neither is looked at. Arguments of
 * Istio's own containers are looked at by themselves: its programs read them, and no shell.
 */
function leftIn(object: YamlObject): string[] {
  const { kind, data, spec } = object;
  const texts =
    kind === 'ConfigMap'
      ? textsIn(meshOf(data))
      : WORKLOADS.includes(String(kind))
        ? [...textsIn(spec), ...argumentsOf(object)]
        : [];
  const left = texts.flatMap((text) =>
    placeholdersIn(text.value).filter((placeholder) => !mayBeMeant(placeholder, text)),
  );
  return [...new Set(left)];
}

/** Where somebody has given one a command, it may be a shell's. */
function argumentsOf(object: YamlObject): Valued[] {
  return ownContainersOf(object)
    .map(treeOf)
    .filter(({ command }) => command === undefined)
    .flatMap(({ args }) => textsIn(args));
}

function meshOf(data: unknown): unknown {
  const mesh: unknown = Reflect.get(Object(data), 'mesh');
  return readYaml(mesh) ?? mesh;
}

interface Webhook {
  readonly name?: string;
  readonly clientConfig?: { readonly service?: { readonly namespace?: string } };
}

/** What YAML may hold of an object. */
interface YamlObject extends AnyObject {
  readonly webhooks?: unknown;
  readonly metadata?: {
    readonly name?: unknown;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/**
 * An object as it is rendered, in the newest version of its API group.
 *
 * @throws UnreadableManifest where it is no YAML
 */
export function readObject(document: string): YamlObject | null {
  try {
    const object = parse(document) as YamlObject | null;
    return typeof object === 'object' && object !== null ? inNewestVersion(object) : object;
  } catch (error) {
    throw new UnreadableManifest('istioctl rendered something that is no YAML', { cause: error });
  }
}
