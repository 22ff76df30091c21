import type { Item } from './client.ts';
import { Refusal } from './refusal.ts';

/** Patches of one rendered object: `components.pilot.k8s.overlays` of an IstioOperator. */
export interface Overlay {
  readonly kind: string;
  readonly name: string;
  readonly patches: readonly { readonly path: string; readonly value: unknown }[];
}

export function overlaysOf(spec: { readonly components?: unknown }): Overlay[] {
  const { pilot } = (spec.components ?? {}) as {
    readonly pilot?: { readonly k8s?: { overlays?: Overlay[] } };
  };
  return pilot?.k8s?.overlays ?? [];
}

/** An object with the patches that are for it. Only a field of a webhook that is named can be patched here. */
export function overlaid(item: Item, overlays: readonly Overlay[]): Item {
  return overlays
    .filter(({ kind, name }) => kind === item.kind && name === item.metadata.name)
    .flatMap(({ patches }) => patches)
    .reduce((before, { path, value }) => {
      const [, escaped, field] = /^webhooks\.\[name:(.+)\]\.(\w+)$/.exec(path) ?? [];
      if (escaped === undefined || field === undefined)
        throw new Refusal(`generate config: this stand-in does not patch ${path}`);
      const named = escaped.replaceAll('\\.', '.');
      const webhooks = (before.webhooks as readonly { readonly name: string }[]).map((webhook) =>
        webhook.name === named ? { ...webhook, [field]: value } : webhook,
      );
      return { ...before, webhooks };
    }, item);
}
