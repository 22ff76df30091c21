import type { Item } from './client.ts';
import { type Tree, isTree } from './merge.ts';
import { Refusal } from './refusal.ts';

/** Patches of one rendered object: `k8s.overlays` of a component of an IstioOperator. */
export interface Overlay {
  readonly kind: string;
  readonly name: string;
  readonly patches: readonly Patch[];
}

interface Patch {
  readonly path: string;
  readonly value: unknown;
}

interface Component {
  readonly k8s?: { readonly overlays?: readonly Overlay[] };
}

/** Those of `components.pilot` and of the ingress gateways. */
export function overlaysOf(spec: { readonly components?: unknown }): Overlay[] {
  const { pilot = {}, ingressGateways = [] } = (spec.components ?? {}) as {
    readonly pilot?: Component;
    readonly ingressGateways?: readonly Component[];
  };
  return [pilot, ...ingressGateways].flatMap(({ k8s }) => k8s?.overlays ?? []);
}

/** An object with the patches that are for it. Only a field of what is named in a list, such as a webhook, can be patched. */
export function overlaid(item: Item, overlays: readonly Overlay[]): Item {
  return overlays
    .filter(({ kind, name }) => kind === item.kind && name === item.metadata.name)
    .flatMap(({ patches }) => patches)
    .reduce((before, patch) => patched(before, patch) as Item, item);
}

function patched(item: Item, { path, value }: Patch): unknown {
  const [, list = '', escaped = '', field = ''] = /^([\w.]+)\.\[name:(.+)\]\.(\w+)$/.exec(path) ?? [];
  if (field === '') throw new Refusal(`generate config: this stand-in does not patch ${path}`);
  const named = escaped.replaceAll('\\.', '.');
  const within = (tree: unknown, [key, ...rest]: readonly string[]): unknown => {
    if (key !== undefined && isTree(tree)) return { ...tree, [key]: within(tree[key], rest) };
    if (!Array.isArray(tree)) throw new Refusal(`generate config: ${path} is not there`);
    return (tree as readonly Tree[]).map((one) => (one.name === named ? { ...one, [field]: value } : one));
  };
  return within(item, list.split('.'));
}
