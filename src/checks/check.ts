import type { View } from '../engine/step.ts';
import type { Finding } from '../finding.ts';

/** What checks read: the view, and the facts that are not of the mesh. */
export interface CheckView extends View {
  /** The API server's version, such as `v1.35.4`. */
  readonly kubernetes: string;
}

/** One read-only rule: the mesh as it is gives findings, or none. Pure. */
export type Check = (view: CheckView) => Finding[];
