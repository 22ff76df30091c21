import type { GatewayObject } from '../cluster/objects.ts';
import type { Finding } from '../finding.ts';

/** Why this Action does not move a Gateway of the Gateway API, by its class (Istio's pkg/config/constants). */
export type UnmovedKind = 'waypoint' | 'east-west' | 'remote' | 'own-address' | 'other';

const CLASSES: Readonly<Record<string, UnmovedKind>> = {
  istio: 'own-address',
  'istio-waypoint': 'waypoint',
  'istio-east-west': 'east-west',
  'istio-remote': 'remote',
};

export function unmovedKindOf({ spec }: Pick<GatewayObject, 'spec'>): UnmovedKind {
  return CLASSES[spec.gatewayClassName] ?? 'other';
}

type Words = readonly [message: string, remedy: string];

const BY_HAND =
  'Upgrade this mesh by hand for now: the new control plane beside the old one, its label istio.io/rev last.';
const WORDS: Readonly<Record<UnmovedKind, Words>> = {
  waypoint: [
    'a waypoint, part of ambient mode, which this Action does not upgrade yet',
    `${BY_HAND} Or delete it (istioctl waypoint delete), where no service uses it.`,
  ],
  'east-west': [
    'an east-west gateway of the Gateway API, through which other clusters reach this one; this Action does not move those yet',
    `${BY_HAND} Do so one cluster after the other.`,
  ],
  remote: [
    'it stands for the gateway of another cluster (class istio-remote); this Action does not upgrade meshes of many clusters yet',
    BY_HAND,
  ],
  'own-address': [
    'a Gateway with the address of a Service of its own: its workload was deployed by hand, and this Action does not know it',
    'Take spec.addresses out of it, so that istiod makes its workload; or upgrade this mesh by hand for now.',
  ],
  other: [
    'a gateway of a class of Istio’s that this Action does not move yet, and would leave on the old control plane',
    BY_HAND,
  ],
};

/** One that was rendered whole by Istio's older charts, and that something else than istioctl has applied (T20). */
const APPLIED: Words = [
  'a gateway that Helm or kubectl has applied as Istio’s older charts render it, with a proxy of its own version; this Action does not move those',
  'Replace it by a gateway of Istio’s chart "gateway", whose proxy is injected: that one moves. Or upgrade this mesh by hand for now.',
];

/**
 * @param object `Gateway namespace/name`, or the Deployment of one
 * @param kind undefined for a Deployment
 */
export function notMoved(object: string, kind: UnmovedKind | undefined): Finding {
  const [message, remedy] = kind === undefined ? APPLIED : WORDS[kind];
  return { id: 'gateways-not-yet-moved', severity: 'error', object, message, remedy };
}
