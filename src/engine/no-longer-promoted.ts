import type { View } from '../decide/upgrade.ts';
import { onOldSide, wordsOf } from '../istio/promoted.ts';
import { isInPlace } from '../istio/side.ts';
import type { UpgradeState } from '../outcome.ts';

/** What has come to the old side since the mesh was promoted: a removal waits for it, and nothing else would tell why. */
export function noLongerPromoted(
  { mesh, record, upgrade, before }: View,
  state: UpgradeState | undefined,
): string[] {
  if (state !== 'promoting' || record?.promotedAt === undefined || isInPlace(upgrade)) return [];
  const left = onOldSide(mesh, upgrade, before);
  if (left.length === 0) return [];
  return [
    `The mesh was promoted at ${record.promotedAt}, and is not any more: ${wordsOf(left)}. Run promote without remove-old: it takes that along. Until then the old control plane is not removed.`,
  ];
}
