import { parse } from 'yaml';
import { appliedPart } from './applied-fields.ts';
import { text } from './content.ts';
import { leavesInto, treeOf } from './leaves.ts';
import { UNREVISIONED } from './names.ts';
import { SETTLED_ELSEWHERE, UNCOMPARED } from './settings-ignored.ts';

/** What an installation is configured by, key by key, each value as a text. */
export type Settings = ReadonlyMap<string, string>;

/** What is the same setting under another name. */
export interface Naming {
  readonly istioNamespace: string;
  /** Version texts of the two releases; where they stand is no setting. */
  readonly versions: readonly string[];
  /** Revision of these objects, which their names end with; none in place. */
  readonly revision?: string;
  /** Kinds that were read on the cluster; no others are compared. */
  readonly kinds: readonly string[];
}

/** The settings of objects on the cluster. */
export interface LiveSettings {
  /** Those that istioctl applied, which an installation takes away if it does not bring them again. */
  readonly applied: Settings;
  /** All, whoever set them: those that an installation brings it takes over. */
  readonly whole: Settings;
}

/** Texts of ConfigMaps that hold settings of their own. */
const WITHIN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  istio: { mesh: 'meshConfig', meshNetworks: 'meshNetworks' },
  'istio-sidecar-injector': { values: 'values', config: 'injector' },
};

/** The settings of rendered objects (H52, H53): all that they hold, but for what `settings-ignored.ts` lists. */
export function settingsOf(objects: readonly unknown[], naming: Naming): Settings {
  const settings = new Map<string, string>();
  for (const object of objects.map(treeOf)) objectInto(object, object, naming, settings);
  return settings;
}

/** The settings of the live objects, and of these what istioctl itself has applied. */
export function liveSettingsOf(objects: readonly object[], naming: Naming): LiveSettings {
  const applied = new Map<string, string>();
  for (const object of objects) objectInto(treeOf(object), treeOf(appliedPart(object)), naming, applied);
  return { applied, whole: settingsOf(objects, naming) };
}

/**
 * The settings of a part of an object.
 *
 * @param object names it
 */
function objectInto(
  object: ReturnType<typeof treeOf>,
  part: ReturnType<typeof treeOf>,
  naming: Naming,
  settings: Map<string, string>,
): void {
  const { name: called, namespace, labels: all } = treeOf(object.metadata);
  const kind = text(object.kind);
  const name = unrevised(text(called), naming);
  if (!naming.kinds.includes(kind) || UNCOMPARED.some(({ is }) => is(kind, name, treeOf(all)))) return;
  const place = namespace === undefined || namespace === naming.istioNamespace ? '' : `${text(namespace)}/`;
  const key = `${kind}/${place}${name}`;
  const own = new Map<string, string>();
  for (const [field, value] of Object.entries(part))
    if (!['apiVersion', 'kind', 'metadata', 'status', 'data'].includes(field)) leavesInto(field, value, own);
  const { labels, annotations } = treeOf(part.metadata);
  leavesInto('metadata.labels', labels, own);
  leavesInto('metadata.annotations', annotations, own);
  const within = place === '' && kind === 'ConfigMap' ? (WITHIN[name] ?? {}) : {};
  for (const [field, value] of Object.entries(treeOf(part.data)))
    if (within[field] === undefined) leavesInto(`data.${field}`, value, own);
  if (Object.keys(part).length > 0) settings.set(key, 'there');
  for (const [path, value] of own) put(`${key}:${path}`, value);
  const texts = new Map<string, string>();
  // A text is written anew as a whole, whoever wrote it last.
  for (const [field, prefix] of Object.entries(within))
    leavesInto(prefix, read(treeOf(object.data)[field]), texts);
  for (const [path, value] of texts) put(path, value);

  function put(path: string, value: string): void {
    if (!SETTLED_ELSEWHERE.some(({ at }) => at.test(path))) settings.set(path, withoutRelease(value, naming));
  }
}

function unrevised(name: string, { revision }: Naming): string {
  return revision === undefined || revision === UNREVISIONED ? name : name.replace(`-${revision}`, '');
}

/** Versions stand in images, labels and the injector's values. */
function withoutRelease(value: string, { versions }: Naming): string {
  return versions.reduce(
    (short, version) => (version === '' ? short : short.replaceAll(version, 'RELEASE')),
    value,
  );
}

/** YAML, of which JSON is a part; what can't be read is one text. */
function read(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  try {
    return parse(value, { logLevel: 'error' });
  } catch {
    return value;
  }
}
