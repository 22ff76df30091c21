import type { Check } from './check.ts';
import { controlPlanes } from './control-planes.ts';
import { defaultRevision } from './default-revision.ts';
import { hop } from './hop.ts';
import { namespaces } from './namespaces.ts';
import { notYet } from './not-yet.ts';
import { workloads } from './workloads.ts';

/** Before an upgrade begins: precheck tells all of it, canary refuses on errors. */
export const BEFORE_CANARY: readonly Check[] = [
  hop,
  controlPlanes,
  defaultRevision,
  notYet,
  namespaces,
  workloads,
];

/** What must still hold when the rest follows. */
export const BEFORE_PROMOTE: readonly Check[] = [controlPlanes, notYet, namespaces];
