import { formatDuration } from '../report/duration.ts';
import { onOldSide, standsSince, wordsOf } from '../istio/promoted.ts';
import { isInPlace } from '../istio/side.ts';
import type { Check, CheckView } from './check.ts';

/** What is to be told of a removal that comes too early. */
interface Saying {
  readonly why: string;
  readonly remedy: string;
}

/**
 * The point of no return has a guard of its own: a time that both control planes stood side by side. An approval by people
 * can't be relied on; an environment that does not exist is made without protection (issue 10).
 */
export const removalTime: Check = (view) => {
  const { record, state, removal, now } = view;
  const { removeOld, removeOldAfterMs } = removal;
  if (!removeOld || removeOldAfterMs === 0 || state === 'removing' || state === 'completed') return [];
  const since = record?.promotedAt;
  // Somebody may have gone back by hand since: then nothing stood side by side.
  if (state === 'promoted' && since !== undefined && now >= dueAt(since, removeOldAfterMs)) return [];
  const wait = formatDuration(removeOldAfterMs);
  const { why, remedy } = state === 'promoted' ? tooEarly(view, wait) : notPromoted(view);
  return [
    {
      id: 'removal-too-early',
      severity: 'error',
      message: `the old control plane is removed no earlier than ${wait} after the mesh was promoted, ${why}`,
      remedy,
    },
  ];
};

function dueAt(since: string, afterMs: number): number {
  return Date.parse(since) + afterMs;
}

function tooEarly({ record, removal: { removeOldAfterMs }, now }: CheckView, wait: string): Saying {
  const since = record?.promotedAt;
  return since === undefined
    ? {
        why: 'and when that was is not on record',
        remedy: `Nothing writes it down again. If the mesh has been promoted for ${wait}, give remove-old-after: 0s.`,
      }
    : {
        why: `which was ${formatDuration(now - Date.parse(since))} ago`,
        remedy: `Run it again after ${new Date(dueAt(since, removeOldAfterMs)).toISOString()}. To remove it now, give remove-old-after: 0s.`,
      };
}

/** Named is what stands in the way: in a mesh that is promoted but for one namespace it would be looked for in vain. */
function notPromoted(view: CheckView): Saying {
  const { mesh, upgrade, before } = view;
  const left = isInPlace(upgrade) ? [] : onOldSide(mesh, upgrade, before);
  return {
    why: `and it is not promoted yet${left.length === 0 ? '' : `: ${wordsOf(left)}`}`,
    remedy: `Run promote without remove-old${left.length === 0 ? '' : ' first: it takes that along'}. ${whenAgain(view)} To remove it now, give remove-old-after: 0s.`,
  };
}

function whenAgain({ mesh, record, upgrade, before, removal: { removeOldAfterMs }, now }: CheckView): string {
  const since = record?.promotedAt;
  if (since === undefined || isInPlace(upgrade)) return 'Run it with remove-old when the time has passed.';
  if (!standsSince(since, mesh, upgrade, { record, before }))
    return 'The time begins anew then, as part of the mesh may have been taken back. Run it with remove-old when that has passed.';
  const due = dueAt(since, removeOldAfterMs);
  const when = now >= due ? 'right after that' : `after ${new Date(due).toISOString()}`;
  return `Run it with remove-old ${when}: the time since ${since} counts, as that came later and nothing was taken back.`;
}
