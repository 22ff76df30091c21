import { type UpgradeRecord, readRecord, writeRecord } from '../record/record.ts';
import type { Context } from './context.ts';

/**
 * Changes the record as it is by now, in the name of this run. A record that was lost stays lost.
 *
 * @param change undefined where there is nothing to change; `now` is the time that is written with it
 * @returns the record that was written; undefined where none was
 */
export async function amendRecord(
  { cluster, inputs, runUrl }: Pick<Context, 'cluster' | 'inputs' | 'runUrl'>,
  change: (record: UpgradeRecord, now: string) => UpgradeRecord | undefined,
): Promise<UpgradeRecord | undefined> {
  const now = new Date().toISOString();
  const record = await readRecord(cluster, inputs.istioNamespace);
  const changed = record === undefined ? undefined : change(record, now);
  if (changed === undefined) return undefined;
  const written = { ...changed, run: runUrl, writtenAt: now };
  await writeRecord(cluster, inputs.istioNamespace, written);
  return written;
}
