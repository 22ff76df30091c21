import { parse } from 'yaml';
import type { AnyObject } from './content.ts';
import { PROXY_CONTAINER } from './names.ts';

/** Istio's own containers, in its charts and templates. Others are somebody's, put beside them, and of no release of Istio. */
const OWN_CONTAINERS = [
  'discovery',
  PROXY_CONTAINER,
  'install-cni',
  'ztunnel',
  'istio-init',
  'istio-validation',
  'enable-core-dump',
];

/**
 * The images of Istio that an object brings: of a workload those of Istio's own containers, of the injector's ConfigMap those
 * that it would give to pods. The latter's templates make them of `hub`, `tag`, `variant` and a name, or take a name
 * with a slash as the whole image (`imageProxy` of Istio's injector).
 */
export function imagesOf(object: AnyObject): string[] {
  if (object.kind === 'ConfigMap') return injectedImages(at(object, 'data', 'values'));
  return ownContainersOf(object)
    .map((container) => at(container, 'image'))
    .filter((image) => typeof image === 'string');
}

/** Of a workload's containers those that are Istio's own. */
export function ownContainersOf(object: AnyObject): unknown[] {
  return containersOf(object).filter((container) => OWN_CONTAINERS.includes(String(at(container, 'name'))));
}

/** The image of a workload's proxy, as a gateway has one; undefined where it has none. */
export function proxyOf(object: AnyObject): string | undefined {
  const image = at(
    containersOf(object).find((container) => at(container, 'name') === PROXY_CONTAINER),
    'image',
  );
  return typeof image === 'string' ? image : undefined;
}

function containersOf(object: AnyObject): unknown[] {
  const pod = at(object, 'spec', 'template', 'spec');
  return [at(pod, 'initContainers'), at(pod, 'containers')].flatMap((list) =>
    Array.isArray(list) ? (list as unknown[]) : [],
  );
}

/**
 * The variant of the proxy's image that the mesh configuration asks for (`defaultConfig.image.imageType`), of the ConfigMap
 * that holds it. Istio's injector puts it behind the tag, unless the image is named as a whole.
 */
export function imageTypeOf(object: AnyObject): string | undefined {
  if (object.kind !== 'ConfigMap') return undefined;
  const type = at(readYaml(at(object, 'data', 'mesh')), 'defaultConfig', 'image', 'imageType');
  return typeof type === 'string' && type !== '' ? type : undefined;
}

/** Variants of Istio's own images; one in a tag gives way to the one that is asked for (Istio's `updateImageTypeIfPresent`). */
const KNOWN_TYPES = /-(distroless|debug)$/;

/** An image in a variant, as Istio's injector writes it; `default` is the one without a name. */
export function inVariant(image: string, type: string | undefined): string {
  if (type === undefined || image.includes('@') || !/:[^:/]+$/.test(image)) return image;
  const plain = image.replace(KNOWN_TYPES, '');
  // One that is not Istio's own is behind the tag by `values.global.variant` already, of which the charts make the type, too.
  return type === 'default' || plain.endsWith(`-${type}`) ? plain : `${plain}-${type}`;
}

function injectedImages(values: unknown): string[] {
  const global = at(readJson(values), 'global');
  const [hub, tag] = [at(global, 'hub'), at(global, 'tag')];
  if (typeof hub !== 'string' || (typeof tag !== 'string' && typeof tag !== 'number')) return [];
  const [proxy, init] = ['proxy', 'proxy_init'].map((part) => at(global, part, 'image'));
  const variant = at(global, 'variant');
  const ending = typeof variant === 'string' && variant !== '' ? `-${variant}` : '';
  const named = [proxy, init].filter((image) => typeof image === 'string' && image !== '') as string[];
  const names = new Set(named.length === 0 ? ['proxyv2'] : named);
  return [...names].map((name) => (name.includes('/') ? name : `${hub}/${name}:${String(tag)}${ending}`));
}

/** Of a text within an object; undefined where it is none, or no YAML. */
export function readYaml(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return parse(text, { logLevel: 'error' });
  } catch {
    return undefined;
  }
}

function readJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (below, key) =>
      typeof below === 'object' && below !== null ? (below as Record<string, unknown>)[key] : undefined,
    value,
  );
}
