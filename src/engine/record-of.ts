import type { Upgrade, View } from '../decide/upgrade.ts';
import { KEPT } from '../istio/before.ts';
import type { Mesh } from '../istio/mesh.ts';
import { standsSince } from '../istio/promoted.ts';
import { isInPlace } from '../istio/side.ts';
import { stateOf } from '../istio/state.ts';
import type { ChangingPhase } from '../phases/phase.ts';
import type { UpgradeRecord } from '../record/record.ts';
import type { Context } from '../steps/context.ts';

/** What the cluster is to remember of a phase, written before its first step that changes something. */
export function recordOf(
  phase: ChangingPhase,
  view: View,
  istioctl: Context['istioctl'],
  { givenUp, ...more }: Pick<UpgradeRecord, 'run' | 'configuration' | 'givenUp'>,
): UpgradeRecord {
  const { mesh, record, upgrade, before } = view;
  const mine = record?.attempt === upgrade.attempt ? record : undefined;
  const now = new Date().toISOString();
  // A removal that has begun stays one, whichever promote goes on with it.
  const removing = phase.intent === 'promote' ? mine?.removing : undefined;
  return {
    schemaVersion: 1,
    attempt: upgrade.attempt,
    from: upgrade.from,
    to: upgrade.to,
    begunAt: mine?.begunAt ?? mine?.writtenAt ?? now,
    istioctl: { from: mine?.istioctl.from ?? istioctl.from.proof, to: istioctl.to.proof },
    troubled: [...before.troubled],
    unsynced: [...before.unsynced].filter((name) => !name.startsWith('Pod ')).slice(0, KEPT),
    unconnected: [...before.unconnected].slice(0, KEPT),
    ...tagsBefore(mesh, upgrade, mine?.tags),
    ...(phase.intent === 'canary' && isInPlace(upgrade)
      ? { canary: upgrade.scope.namespaces.slice(0, KEPT) }
      : {}),
    ...(before.standing.size === 0 ? {} : { stood: [...before.standing].slice(0, KEPT) }),
    ...(mine?.installed === undefined ? {} : { installed: mine.installed }),
    intent: removing === undefined ? phase.intent : 'remove',
    ...(mine?.promotedAt === undefined || phase.intent === 'rollback' || !stillStands(view, mine.promotedAt)
      ? {}
      : { promotedAt: mine.promotedAt }),
    ...(removing === undefined ? {} : { removing }),
    ...more,
    // The way back of an upgrade that had ended is an attempt of its own, and does not bring back what that one gave up.
    ...givenUpWith((phase.intent === 'rollback' ? record : mine)?.givenUp, givenUp),
    // In place: what canary was given. A promote that installs nothing takes any, and must not become what rollback takes.
    ...(phase.weighs !== 'goes-on' || mine?.configuration === undefined
      ? {}
      : { configuration: mine.configuration }),
    writtenAt: now,
  };
}

/**
 * Whether all that was promoted is still on the target: who has gone back by hand meanwhile begins anew to stand side by
 * side. Who makes a namespace that chooses the old revision has not, or where these come every day no time would ever pass.
 */
function stillStands({ mesh, record, upgrade, before }: View, since: string): boolean {
  const state = stateOf(mesh, record, upgrade, before);
  return (
    ['promoted', 'removing', 'completed'].includes(state) ||
    (state === 'promoting' && !isInPlace(upgrade) && standsSince(since, mesh, upgrade, { record, before }))
  );
}

/** What an earlier run of the attempt has given up is lost by now, and none of what this one finds. */
function givenUpWith(
  known: readonly string[] = [],
  found: readonly string[] = [],
): Pick<UpgradeRecord, 'givenUp'> {
  const all = [...new Set([...known, ...found])];
  return all.length === 0 ? {} : { givenUp: all.slice(0, KEPT) };
}

/** Where the tags of an upgrade led before it. One that leads to the target already says nothing of that. */
function tagsBefore(
  { tags }: Mesh,
  { tags: moves, to }: Upgrade,
  known: UpgradeRecord['tags'] = {},
): Pick<UpgradeRecord, 'tags'> {
  const now = new Map(tags.map(({ tag, revision }) => [tag, revision]));
  const found = Object.entries(moves)
    .filter(([tag, moved]) => moved === to.revision && now.get(tag) !== to.revision)
    .map(([tag]) => [tag, now.get(tag) ?? null]);
  const all = { ...(Object.fromEntries(found) as NonNullable<UpgradeRecord['tags']>), ...known };
  return Object.keys(all).length === 0 ? {} : { tags: all };
}
