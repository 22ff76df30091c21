import { readFileSync } from 'node:fs';
import { runAction } from '../../scripts/run-action.ts';
import type { Finding } from '../../src/finding.ts';

/**
 * `node test/support/run-many.ts < requests.json`, inside a cluster's network: runs the built Action many times, some at
 * once, and prints how each run ended. One process for all of them, because to enter the network takes longer than a run
 * that is refused.
 */
export interface ManyRequest {
  readonly id: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** How one run ended. */
export interface ManyResult {
  readonly id: string;
  readonly outcome: string;
  /** Messages of its errors, by id of the finding. */
  readonly errors: readonly (readonly [id: string, message: string])[];
}

const AT_ONCE = 4;

async function runOne({ id, inputs }: ManyRequest): Promise<ManyResult> {
  const dist = process.env.ACTION_DIST;
  const { outputs } = await runAction({ inputs, ...(dist === undefined ? {} : { dist }) });
  const findings = JSON.parse(outputs.findings ?? '[]') as Finding[];
  return {
    id,
    outcome: outputs.outcome ?? '',
    errors: findings.filter(({ severity }) => severity === 'error').map((item) => [item.id, item.message]),
  };
}

if (import.meta.main) {
  const queue = JSON.parse(readFileSync(0, 'utf8')) as ManyRequest[];
  const results: ManyResult[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results.push(await runOne(next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  process.stdout.write(JSON.stringify(results));
}
