import { KEPT } from '../istio/before.ts';
import { amendRecord } from './amend-record.ts';
import type { Context } from './context.ts';

/**
 * Keeps in the record which Gateways are being labelled: a run that fails over one, or is killed, leaves a label that is right
 * and pods that nobody has seen.
 */
export async function noteRolling(
  context: Context,
  { begun = [], through = [] }: { readonly begun?: readonly string[]; readonly through?: readonly string[] },
): Promise<void> {
  await amendRecord(context, (record) => {
    const rolling = [...new Set([...(record.rolling ?? []), ...begun])].filter(
      (name) => !through.includes(name),
    );
    return { ...record, rolling: rolling.length === 0 ? undefined : rolling.slice(0, KEPT) };
  });
}
