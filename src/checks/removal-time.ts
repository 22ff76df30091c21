import { formatDuration } from '../report/duration.ts';
import type { Check } from './check.ts';

/**
 * The point of no return has a guard of its own: a time that both control planes stood side by side. An approval by people
 * can't be relied on; an environment that does not exist is made without protection (issue 10).
 */
export const removalTime: Check = ({ record, state, removal: { removeOld, removeOldAfterMs }, now }) => {
  if (!removeOld || removeOldAfterMs === 0 || state === 'removing' || state === 'completed') return [];
  // Somebody may have gone back by hand since: then nothing stood side by side.
  const since = state === 'promoted' ? record?.promotedAt : undefined;
  const passed = since === undefined ? undefined : now - Date.parse(since);
  if (passed !== undefined && passed >= removeOldAfterMs) return [];
  const wait = formatDuration(removeOldAfterMs);
  return [
    {
      id: 'removal-too-early',
      severity: 'error',
      message:
        passed === undefined
          ? `the old control plane is removed no earlier than ${wait} after the mesh was promoted, and ${state === 'promoted' ? 'when that was is not on record' : 'it is not promoted yet'}`
          : `the old control plane is removed no earlier than ${wait} after the mesh was promoted, which was ${formatDuration(passed)} ago`,
      remedy:
        passed === undefined
          ? state === 'promoted'
            ? `Nothing writes it down again. If the mesh has been promoted for ${wait}, give remove-old-after: 0s.`
            : 'Run promote without remove-old, and with it when the time has passed. To remove it now, give remove-old-after: 0s.'
          : `Run it again after ${new Date(now - passed + removeOldAfterMs).toISOString()}. To remove it now, give remove-old-after: 0s.`,
    },
  ];
};
