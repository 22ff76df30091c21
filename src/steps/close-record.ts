import type { View } from '../decide/upgrade.ts';
import { remains } from '../istio/state.ts';
import type { UpgradeRecord } from '../record/record.ts';
import { amendRecord } from './amend-record.ts';
import type { Step } from './step.ts';

/** Marks the attempt as over, once what it had to remove is gone. A record that was lost stays lost. */
export function closeRecord(side: 'from' | 'to'): Step {
  return closeRecordOnce(({ mesh, upgrade }) => !remains(mesh, upgrade[side].revision));
}

/** The same, once something else is so. */
export function closeRecordOnce(isOver: (view: View) => boolean): Step {
  return {
    id: 'close-record',
    title: 'Close the record',
    timeoutMs: 60_000,
    plan: (view) =>
      view.record === undefined || view.record.endedAt !== undefined || !isOver(view)
        ? []
        : [{ verb: 'close', object: `record of attempt ${view.record.attempt}` }],
    run: async (context) => {
      const record = await amendRecord(context, (is, now) => ({ ...withoutRemoving(is), endedAt: now }));
      return record === undefined ? 'there is no record' : `attempt ${record.attempt} is over`;
    },
  };
}

/** A removal that is through is none that is under way. */
function withoutRemoving(record: UpgradeRecord): UpgradeRecord {
  return Object.fromEntries(
    Object.entries(record).filter(([field]) => field !== 'removing'),
  ) as unknown as UpgradeRecord;
}
