import type { ActorAct } from './acts.ts';
import type { Manifest } from './workloads.ts';

/** The two forms of the mesh that there is in the beginning: with a revision, or without. */
export type Form = '1-30-3' | 'default';

export const FROM = { version: '1.30.3' } as const;
export const TO = { version: '1.31.0', revision: '1-31-0' } as const;

/** How an upgrade is asked for on such a mesh. */
export interface Asked {
  /** Lines of the input `set`; those of all features of a mesh go together. */
  readonly set?: readonly string[];
  readonly gateways?: 'with-install';
  readonly cni?: 'with-install';
  /** Lines, of a story in place alone. */
  readonly acknowledge?: readonly string[];
}

/** One thing that a mesh may have. It has its namespaces to itself, so any of them can be left out. */
export interface Feature {
  /** Kinds that the cluster must serve. */
  readonly needs?: readonly string[];
  /** A word of istioctl's that its stand-in must know. */
  readonly word?: string;
  /** Of those that are about the same object there can be one. */
  readonly about?: 'record' | 'cni';
  readonly objects?: (form: Form) => readonly Manifest[];
  /** What the control plane was installed with, as istioctl's `--set`. */
  readonly settings?: readonly string[];
  /** Mostly one of these, and now and then nobody thinks of it. */
  readonly asked?: readonly Asked[];
  /** Before the objects, as istioctl's arguments. */
  readonly install?: (form: Form) => readonly string[];
  /** After the objects. */
  readonly after?: (form: Form) => readonly ActorAct[];
  /** Tags, other revisions, gateways that istioctl did not install, Istio CNI: in place such a mesh is refused. */
  readonly besideOnly?: true;
}

/** The labels by which a namespace follows this mesh's revision itself. */
export function ownLabels(form: Form): Record<string, string> {
  return form === 'default' ? { 'istio-injection': 'enabled' } : { 'istio.io/rev': form };
}
