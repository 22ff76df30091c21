import type { Check } from './check.ts';

/**
 * A control plane that is removed in part is finished with by the removal alone: a promote that is not asked for it would
 * find nothing to do, in green, for ever.
 */
export const unfinishedRemoval: Check = ({ state, removal: { removeOld }, upgrade: { from } }) =>
  state !== 'removing' || removeOld
    ? []
    : [
        {
          id: 'removal-unfinished',
          severity: 'error',
          message: `the removal of ${from.revision} was begun and has not ended, and this run is not asked to remove`,
          remedy: 'Run promote with remove-old: true: it goes on where it stopped.',
        },
      ];
