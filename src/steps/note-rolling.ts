import { KEPT } from '../istio/before.ts';
import { readRecord, writeRecord } from '../record/record.ts';
import type { Context } from './context.ts';

/**
 * Keeps in the record which Gateways are being labelled: a run that fails over one, or is killed, leaves a label that is right
 * and pods that nobody has seen. A record that was lost stays lost.
 */
export async function noteRolling(
  { cluster, inputs, runUrl }: Context,
  { begun = [], through = [] }: { readonly begun?: readonly string[]; readonly through?: readonly string[] },
): Promise<void> {
  const record = await readRecord(cluster, inputs.istioNamespace);
  if (record === undefined) return;
  const rolling = [...new Set([...(record.rolling ?? []), ...begun])].filter(
    (name) => !through.includes(name),
  );
  await writeRecord(cluster, inputs.istioNamespace, {
    ...record,
    rolling: rolling.length === 0 ? undefined : rolling.slice(0, KEPT),
    run: runUrl,
    writtenAt: new Date().toISOString(),
  });
}
