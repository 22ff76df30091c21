import type { Facts } from '../decide/facts.ts';
import type { Upgrade, View } from '../decide/upgrade.ts';
import { KEPT } from '../istio/before.ts';
import type { Mesh } from '../istio/mesh.ts';
import { standsSince } from '../istio/promoted.ts';
import { isInPlace } from '../istio/side.ts';
import { stateOf } from '../istio/state.ts';
import { sameRelease } from '../istio/version.ts';
import type { Phase } from '../outcome.ts';
import type { ChangingPhase } from '../phases/phase.ts';
import type { Release, UpgradeRecord } from '../record/record.ts';
import type { Context } from '../steps/context.ts';

type Installed = Pick<UpgradeRecord, 'configuration' | 'givenUp' | 'had'>;
type Written = Installed & Pick<UpgradeRecord, 'run' | 'gateways'>;

/**
 * What the cluster is to remember of a phase, written before its first step that changes something.
 *
 * @param installed what it installs or moves gateways by, and what is lost by it; nothing of a run that does neither, whatever it
 *   was given
 */
export function recordOf(
  phase: ChangingPhase,
  view: View,
  istioctl: Context['istioctl'],
  { run, gateways: given, ...installed }: Written,
): UpgradeRecord {
  const { mesh, record, upgrade, before } = view;
  const mine = record?.attempt === upgrade.attempt ? record : undefined;
  const now = new Date().toISOString();
  const remembered = rememberedOf(view, phase.id);
  const gateways = given ?? remembered?.gateways;
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
    ...(mine?.rolling === undefined ? {} : { rolling: mine.rolling }),
    intent: removing === undefined ? phase.intent : 'remove',
    ...(mine?.promotedAt === undefined || phase.intent === 'rollback' || !stillStands(view, mine.promotedAt)
      ? {}
      : { promotedAt: mine.promotedAt }),
    ...(removing === undefined ? {} : { removing }),
    ...(gateways === undefined ? {} : { gateways }),
    ...installedBy(phase, remembered, installed),
    run,
    writtenAt: now,
  };
}

/**
 * What gateways are moved to the target by; nothing of a run that moves none.
 *
 * @param along whether the control plane's installation takes them along
 */
export function movedBy(
  planned: readonly { readonly step: { readonly id: string }; readonly changes: readonly unknown[] }[],
  along: boolean,
  { configuration }: NonNullable<Facts['gateways']> = {},
): Pick<UpgradeRecord, 'gateways'> {
  const moves = planned.some(({ step, changes }) => step.id === 'move-gateways' && changes.length > 0);
  return configuration !== undefined && (along || moves) ? { gateways: configuration } : {};
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

/**
 * What is on record of the same upgrade, whatever its attempts are named: a phase that goes on once it had ended is an
 * attempt of its own. What a rollback has ended is over, and a canary after it begins anew.
 */
export function rememberedOf(
  { record, upgrade: { from, to } }: Pick<View, 'record' | 'upgrade'>,
  phase: Phase,
): UpgradeRecord | undefined {
  const isSame = (one: Release, other: Release): boolean =>
    one.revision === other.revision && sameRelease(one.version, other.version);
  if (record === undefined || !isSame(record.from, from) || !isSame(record.to, to)) return undefined;
  const isOver = record.intent === 'rollback' && record.endedAt !== undefined;
  return isOver && phase !== 'rollback' ? undefined : record;
}

/**
 * In place: what canary has installed, which only a canary that installs makes something else, and what was lost by all that
 * was installed until now.
 */
function installedBy(
  { weighs }: ChangingPhase,
  known: Installed = {},
  { configuration: given, givenUp = known.givenUp ?? [], had = known.had ?? {} }: Installed,
): Installed {
  const [first, second] = weighs === 'begins' ? [given, known.configuration] : [known.configuration, given];
  const configuration = first ?? second;
  return {
    ...(configuration === undefined ? {} : { configuration }),
    ...(givenUp.length === 0 ? {} : { givenUp }),
    ...(Object.keys(had).length === 0 ? {} : { had }),
  };
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
