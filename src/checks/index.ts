import { canaryEvidence } from './canary-evidence.ts';
import type { Check } from './check.ts';
import { cni, cniOnTheWayBack } from './cni.ts';
import { controlPlanes } from './control-planes.ts';
import { deadWebhooks } from './dead-webhooks.ts';
import { defaultRevision } from './default-revision.ts';
import { destination } from './destination.ts';
import { apiGateways } from './api-gateways.ts';
import { gateways } from './gateways.ts';
import { gatewaysThatHold } from './gateways-that-hold.ts';
import { hop } from './hop.ts';
import { installedGateways } from './installed-gateways.ts';
import { keptTags } from './kept-tags.ts';
import { namespaces } from './namespaces.ts';
import { noDefault } from './no-default.ts';
import { notReady } from './not-ready.ts';
import { notYet } from './not-yet.ts';
import { pinnedTemplates } from './pinned-templates.ts';
import { originals } from './originals.ts';
import { otherMeshes } from './other-meshes.ts';
import { returning } from './returning.ts';
import { removalStragglers } from './removal-stragglers.ts';
import { removalTime } from './removal-time.ts';
import { pinnedImages } from './pinned-images.ts';
import { stragglers } from './stragglers.ts';
import { tagOrigins } from './tag-origins.ts';
import { tagsElsewhere } from './tags-elsewhere.ts';
import { tags } from './tags.ts';
import { troubled } from './troubled.ts';
import { unfinishedRemoval } from './unfinished-removal.ts';
import { unknownProxies } from './unknown-proxies.ts';

/** Before an upgrade begins: precheck tells all of it, canary refuses on errors. */
export const BEFORE_CANARY: readonly Check[] = [
  hop,
  controlPlanes,
  defaultRevision,
  noDefault,
  tags,
  tagsElsewhere,
  keptTags,
  deadWebhooks,
  notYet,
  pinnedTemplates,
  gateways,
  apiGateways,
  installedGateways,
  cni,
  namespaces,
  otherMeshes,
  originals,
  stragglers,
  pinnedImages,
  troubled,
  notReady,
  canaryEvidence,
  unknownProxies,
];

/** What must still hold when the rest follows. */
export const BEFORE_PROMOTE: readonly Check[] = [
  controlPlanes,
  noDefault,
  tags,
  tagsElsewhere,
  keptTags,
  deadWebhooks,
  notYet,
  pinnedTemplates,
  gateways,
  apiGateways,
  installedGateways,
  cni,
  namespaces,
  otherMeshes,
  originals,
  stragglers,
  pinnedImages,
  troubled,
  unknownProxies,
  unfinishedRemoval,
  removalTime,
  removalStragglers,
  gatewaysThatHold,
];

/** The way back asks for little: somewhere to go. What it will not bring back is told before the first write. */
export const BEFORE_ROLLBACK: readonly Check[] = [
  destination,
  originals,
  tagOrigins,
  tagsElsewhere,
  keptTags,
  installedGateways,
  gatewaysThatHold,
  pinnedImages,
  returning,
  cniOnTheWayBack,
];
