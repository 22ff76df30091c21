import type { Before } from '../istio/before.ts';
import type { Mesh } from '../istio/mesh.ts';
import type { Scope } from '../istio/scope.ts';
import type { Accepted } from '../istio/stragglers.ts';
import type { TagMoves } from '../istio/tags.ts';
import type { Release, UpgradeRecord } from '../record/record.ts';

/** What one attempt is about. */
export interface Upgrade {
  /** Names the attempt; new for a canary that starts one, else the record's. */
  readonly attempt: string;
  readonly from: Release;
  readonly to: Release;
  /** The namespaces that this phase moves. */
  readonly scope: Scope;
  /** The revision tags that this phase moves, and where to; the default one has a step of its own. */
  readonly tags: TagMoves;
}

/** What checks and steps decide from: the cluster as it is now, and what the upgrade is about. Plain data. */
export interface View {
  readonly mesh: Mesh;
  /** Of this upgrade, and one that the cluster bears out; undefined where there is none ({@link recordOfUpgrade}). */
  readonly record: UpgradeRecord | undefined;
  readonly upgrade: Upgrade;
  readonly before: Before;
  /** What may stay behind. */
  readonly accepted: Accepted;
}
