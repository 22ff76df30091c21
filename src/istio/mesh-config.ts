import { parse } from 'yaml';
import { treeOf } from './leaves.ts';
import { suffixOf } from './revision.ts';

/** Name of the ConfigMap with a control plane's mesh configuration, in `data.mesh`. */
export function meshConfigName(revision: string): string {
  return `istio${suffixOf(revision)}`;
}

/** Name of the ConfigMap with what a control plane's injector goes by, in `data.config` and `data.values`. */
export function injectorConfigName(revision: string): string {
  return `istio-sidecar-injector${suffixOf(revision)}`;
}

/** Reads a mesh configuration; empty where there is none, or where it is not what istiod would read. */
export function meshConfigOf(text: unknown): Readonly<Record<string, unknown>> {
  if (typeof text !== 'string') return {};
  try {
    return treeOf(parse(text, { logLevel: 'error' }));
  } catch {
    return {};
  }
}
