import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ConfigurationText } from '../istio/configuration-text.ts';
import { revisionOver } from '../istio/named-revision.ts';
import { mergeSpecs, renderOverlay, specText } from './overlay.ts';

/** What a control plane is configured by, beside its revision. */
export interface Configuration {
  /** Paths of IstioOperator files, in the order of their weight. */
  readonly configFiles: readonly string[];
  /** `path=value` lines; may hold secrets. */
  readonly set: readonly string[];
  /** The spec on which the files stand, by what they say, as a file below them; none where it is undefined, or gives none. */
  readonly below?: (spec: unknown) => object | undefined;
  /** What of it is left out, whatever files and lines say; nothing where it is undefined. */
  readonly without?: Part;
  /** Patches of what is rendered for istiod, after the user's own. */
  readonly overlays?: readonly Overlay[];
}

/** Patches of one rendered object, as an IstioOperator has them in `components.pilot.k8s.overlays`. */
export interface Overlay {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** A dot that does not part the path has a backslash before it. */
  readonly patches: readonly { readonly path: string; readonly value: unknown }[];
}

/** A part of an installation. */
export type Part = 'gateways' | 'all but gateways' | 'all but cni';

const off = { enabled: false };
/** By the spec that outweighs the user's. A list replaces a list, so that an empty one leaves no gateway of any name. */
const WITHOUT: Readonly<Record<Part, object>> = {
  gateways: { components: { ingressGateways: [], egressGateways: [] } },
  'all but cni': {
    components: { base: off, pilot: off, ztunnel: off, ingressGateways: [], egressGateways: [] },
  },
  'all but gateways': { components: { base: off, pilot: off, cni: off, ztunnel: off } },
};

/**
 * Calls `use` with the files to give to `-f`: the user's and, where they stand on something, ours before them; where there
 * are `set` lines, something is left out or the files name a revision, ours behind them. Ours are readable for this user
 * only, and gone when `use` has ended.
 *
 * @throws UnfaithfulSetValue before `use` is called
 */
export async function withConfigFiles<T>(
  {
    configFiles,
    set,
    below,
    without,
    overlays = [],
    revision,
  }: Configuration & { readonly revision: string },
  tempDir: string,
  use: (files: readonly string[]) => Promise<T>,
): Promise<T> {
  const user = mergeSpecs(await Promise.all(configFiles.map(readSpec)));
  const ground = below?.(user);
  const before = ground === undefined ? [] : [specText(ground)];
  const behind: string[] = [];
  if (set.length > 0) behind.push(renderOverlay(set, user));
  if (without !== undefined) behind.push(specText(WITHOUT[without]));
  const named = revisionOver(user, revision);
  if (named !== undefined) behind.push(specText(named));
  if (overlays.length > 0) behind.push(patching(withSet(user, set), overlays));
  const own = [...before, ...behind];
  const paths = own.map(() => join(tempDir, `istioctl-set-${randomUUID()}.yaml`));
  try {
    for (const [index, path] of paths.entries())
      await writeFile(path, own[index] ?? '', { mode: 0o600, flag: 'wx' });
    return await use([...paths.slice(0, before.length), ...configFiles, ...paths.slice(before.length)]);
  } finally {
    await Promise.all(paths.map((path) => rm(path, { force: true })));
  }
}

/** What a configuration says, for whoever judges what it renders. */
export interface ConfigurationSource {
  /** The files under their short names; the `set` lines as `set`, each value behind its path. */
  readonly texts: readonly ConfigurationText[];
  /** `spec` of the files and the `set` lines, merged as istioctl does. */
  readonly spec: unknown;
}

/**
 * Reads the user's files and `set` lines.
 *
 * @throws UnfaithfulSetValue
 */
export async function readConfiguration({ configFiles, set }: Configuration): Promise<ConfigurationSource> {
  const files = await Promise.all(
    configFiles.map(async (path) => ({ name: basename(path), text: await readFile(path, 'utf8') })),
  );
  const spec = mergeSpecs(files.map(({ text }) => specOf(text)));
  if (set.length === 0) return { texts: files, spec };
  const lines = set.map(
    (line) =>
      `${JSON.stringify(line.slice(0, line.indexOf('=')).trim())}: ${JSON.stringify(line.slice(line.indexOf('=') + 1).trim())}`,
  );
  return {
    texts: [...files, { name: 'set', text: lines.join('\n') }],
    spec: withSet(spec, set),
  };
}

/** The spec of the files, with what the `set` lines say over it. */
function withSet(spec: unknown, set: readonly string[]): unknown {
  if (set.length === 0) return spec;
  const overlay: unknown = JSON.parse(renderOverlay(set, spec));
  return mergeSpecs([spec, Reflect.get(Object(overlay), 'spec')]);
}

/** A list replaces a list, so the user's patches of istiod are said again before ours. */
function patching(user: unknown, overlays: readonly Overlay[]): string {
  const below = (tree: unknown, key: string): unknown => Reflect.get(Object(tree), key);
  const given = ['components', 'pilot', 'k8s', 'overlays'].reduce(below, user);
  const before = Array.isArray(given) ? (given as unknown[]) : [];
  return specText({ components: { pilot: { k8s: { overlays: [...before, ...overlays] } } } });
}

async function readSpec(path: string): Promise<unknown> {
  return specOf(await readFile(path, 'utf8'));
}

function specOf(text: string): unknown {
  // istioctl reads YAML 1.1, and the first document alone. What is wrong with a file is for istioctl to say.
  try {
    const [first] = parseAllDocuments(text, { version: '1.1', merge: true, logLevel: 'silent' });
    return first === undefined || first.errors.length > 0
      ? undefined
      : Reflect.get(Object(first.toJS()), 'spec');
  } catch {
    return undefined;
  }
}
