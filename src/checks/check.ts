import type { Facts } from '../decide/facts.ts';
import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import type { Phase, UpgradeState } from '../outcome.ts';

/** What checks read: the view, and the facts that are not of the mesh. */
export interface CheckView extends View {
  readonly phase: Phase;
  /** The API server's version, such as `v1.35.4`. */
  readonly kubernetes: string;
  readonly status: Facts['status'];
  readonly gateways: Facts['gateways'];
  readonly state: UpgradeState | undefined;
  /** Whether and how long after it was promoted the old control plane is to go. */
  readonly removal: Pick<Facts['inputs'], 'removeOld' | 'removeOldAfterMs'>;
  /** What the inputs allow, and what they acknowledge. */
  readonly asked: Pick<Facts['inputs'], 'allowDowngrade' | 'acknowledge' | 'cni' | 'waitForOwnersMs'>;
  /** When all this was seen, in milliseconds since 1970. */
  readonly now: number;
}

/** One read-only rule: the mesh as it is gives findings, or none. Pure. */
export type Check = (view: CheckView) => Finding[];
