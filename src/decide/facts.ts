import type { Inputs } from '../inputs.ts';
import type { LiveGateways } from '../istio/gateway-loss.ts';
import type { Mesh } from '../istio/mesh.ts';
import type { RenderedGateways } from '../istioctl/gateway-manifest.ts';
import type { ProxyStatusAnswer } from '../istioctl/proxy-status.ts';
import type { Unreadable } from '../istioctl/reading.ts';
import type { UpgradeRecord } from '../record/record.ts';

/** Everything that is decided from, as it was seen at one time. */
export interface Facts {
  readonly inputs: Pick<
    Inputs,
    | 'phase'
    | 'version'
    | 'revision'
    | 'revisionGiven'
    | 'canaryNamespaces'
    | 'canaryTag'
    | 'stableTags'
    | 'stragglers'
    | 'removeOld'
    | 'removeOldAfterMs'
    | 'strategy'
    | 'allowDowngrade'
    | 'acknowledge'
    | 'cni'
    | 'waitForOwnersMs'
  >;
  /** The API server's version, such as `v1.35.4`. */
  readonly kubernetes: string;
  readonly mesh: Mesh;
  readonly record: UpgradeRecord | undefined;
  /** When it was seen, in milliseconds since 1970. */
  readonly now: number;
  /** What tells this run's attempt from all others, if it begins one. */
  readonly freshAttempt: string;
  /** Workloads, as `Kind namespace/name`, whose pods their current injector leaves alone although a webhook selects them. */
  readonly declined: ReadonlySet<string>;
  /** What the gateways are rendered as, by the istioctl of a side; undefined where nobody had to ask. */
  readonly gateways?: {
    readonly from?: RenderedGateways | Unreadable;
    readonly to?: RenderedGateways | Unreadable;
    /** Digest of what they are rendered from. */
    readonly configuration?: string;
    /** The same as builds wrote it that took one file of gateway-config alone. */
    readonly before?: string;
    /** As they are; undefined where only one side renders. */
    readonly live?: LiveGateways;
  };
  /** Who is connected, as the istiods of a side say; undefined where they were not asked. */
  readonly status: {
    readonly from?: ProxyStatusAnswer | Unreadable;
    readonly to?: ProxyStatusAnswer | Unreadable;
  };
}
