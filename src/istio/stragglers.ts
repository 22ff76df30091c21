import type { LabelSelector } from '../cluster/objects.ts';
import type { GatewayKind } from './gateway.ts';
import { matches } from './injection.ts';
import type { Labels } from './names.ts';

/** What the input `allow-stragglers` names: it may stay on the revision where it is, and nobody waits for it. */
export interface StragglerSelection {
  /** `namespace/name`, `Kind namespace/name`, or `namespace/*` for all of one namespace. */
  readonly names: readonly string[];
  /** Of the labels of pods and pod templates. */
  readonly selectors: readonly LabelSelector[];
  /** Gateways that go along all the same, however they are named. */
  readonly goAlong?: readonly GatewayKind[];
}

/** In place istioctl replaces the gateways that it has installed with the control plane: none of them can stay. */
export const GO_ALONG_IN_PLACE: readonly GatewayKind[] = ['installed'];

/** Something that may be named as a straggler. */
export interface Candidate {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels | undefined;
  /** Undefined for one that is no gateway, or is not known to be one. */
  readonly gateway?: GatewayKind | undefined;
}

/** Whether something was named as a straggler. */
export type Accepted = (candidate: Candidate) => boolean;

/** Nothing was named. */
export const nobody: Accepted = () => false;

export function acceptedBy({ names, selectors, goAlong = [] }: StragglerSelection): Accepted {
  if (names.length === 0 && selectors.length === 0) return nobody;
  const known = new Set(names);
  const isNamed = (kind: string, namespace: string, name: string): boolean =>
    known.has(`${namespace}/${name}`) || known.has(`${kind} ${namespace}/${name}`);
  return ({ kind, namespace, name, labels, gateway }) => {
    if (gateway !== undefined && goAlong.includes(gateway)) return false;
    const cronJob = cronJobOf({ kind, name });
    return (
      isNamed(kind, namespace, name) ||
      (cronJob !== undefined && isNamed('CronJob', namespace, cronJob)) ||
      known.has(`${namespace}/*`) ||
      (labels !== undefined && selectors.some((selector) => matches(selector, labels)))
    );
  };
}

/** The CronJob that a Job is of: its name, and behind it the minute for which it was due. Undefined for any other. */
export function cronJobOf({
  kind,
  name,
}: {
  readonly kind: string;
  readonly name: string;
}): string | undefined {
  return kind === 'Job' ? /^(.+)-\d{8,}$/.exec(name)?.[1] : undefined;
}
