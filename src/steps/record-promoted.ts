import { stateOf } from '../istio/state.ts';
import type { UpgradeRecord } from '../record/record.ts';
import { amendRecord } from './amend-record.ts';
import type { Step } from './step.ts';

/** Notes when the mesh was first seen to be promoted: `remove-old-after` counts from then. A record that was lost stays lost. */
export const recordPromoted: Step = {
  id: 'record-promoted',
  title: 'Record when the mesh was promoted',
  timeoutMs: 60_000,
  plan: ({ mesh, record, upgrade, before }) =>
    record === undefined ||
    record.endedAt !== undefined ||
    record.promotedAt !== undefined ||
    stateOf(mesh, asked(record), upgrade, before) !== 'promoted'
      ? []
      : [{ verb: 'annotate', object: `record of attempt ${record.attempt}`, field: 'promotedAt', to: 'now' }],
  run: async (context) => {
    const record = await amendRecord(context, (is, now) => ({ ...is, promotedAt: now }));
    return record === undefined ? 'there is no record' : `promoted since ${record.promotedAt ?? ''}`;
  },
};

/**
 * Where no default moves, a canary of all namespaces leaves promote nothing to do, and is promoted once promote was asked for:
 * only the record knows the two apart.
 */
function asked(record: UpgradeRecord): UpgradeRecord {
  return record.intent === 'canary' ? { ...record, intent: 'promote' } : record;
}
