import { canaryEvidence } from '../canary-evidence.ts';
import type { Check } from '../check.ts';
import { cni, cniOnTheWayBack } from '../cni.ts';
import { namespaces } from '../namespaces.ts';
import { deadWebhooks } from '../dead-webhooks.ts';
import { oldInstalledGateways } from '../old-gateways.ts';
import { notReady } from '../not-ready.ts';
import { returning } from '../returning.ts';
import { otherMeshes } from '../other-meshes.ts';
import { pinnedImages } from '../pinned-images.ts';
import { stragglers } from '../stragglers.ts';
import { troubled } from '../troubled.ts';
import { unknownProxies } from '../unknown-proxies.ts';
import { cniInPlace } from './cni.ts';
import { controlPlaneInPlace, redundancy } from './control-plane.ts';
import { defaultRevisionInPlace } from './default-revision.ts';
import { gatewaysInPlace, gatewaysOnTheWayBack } from './gateways.ts';
import { heldVariants } from './held-variants.ts';
import { hopInPlace } from './hop.ts';
import { stayNewer, toldProxies } from './proxies.ts';
import { proxySkew } from './skew.ts';
import { MAY_REFUSE_ROLLBACK, wayBackInPlace } from './way-back.ts';

/** Both labels on a namespace are no trouble where no label is moved. */
const namespacesInPlace: Check = (view) =>
  namespaces(view).filter(({ id }) => id !== 'both-injection-labels');

/** What must still hold when the rest follows. */
export const BEFORE_PROMOTE_IN_PLACE: readonly Check[] = [
  controlPlaneInPlace,
  gatewaysInPlace,
  cni,
  cniInPlace,
  namespacesInPlace,
  otherMeshes,
  stragglers,
  pinnedImages,
  troubled,
  toldProxies,
  stayNewer,
  heldVariants,
  unknownProxies,
];

/** Before an upgrade in place begins: precheck tells all of it, canary refuses on errors. */
export const BEFORE_CANARY_IN_PLACE: readonly Check[] = [
  hopInPlace,
  defaultRevisionInPlace,
  redundancy,
  deadWebhooks,
  oldInstalledGateways,
  wayBackInPlace,
  proxySkew,
  ...BEFORE_PROMOTE_IN_PLACE,
  notReady,
  canaryEvidence,
];

/** The way back asks only whether it can be gone in the right order. */
export const BEFORE_ROLLBACK_IN_PLACE: readonly Check[] = [
  ...MAY_REFUSE_ROLLBACK,
  gatewaysOnTheWayBack,
  heldVariants,
  returning,
  cniOnTheWayBack,
];
