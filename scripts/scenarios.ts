import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildOf } from '../test/crash/ledger.ts';
import { startEmbeddedCluster } from '../test/suite/clusters/embedded.ts';
import { startTestbed } from '../test/suite/clusters/testbed.ts';
import { Pool } from '../test/suite/pool.ts';
import { Results } from '../test/suite/results.ts';
import { runScenario } from '../test/suite/run-scenario.ts';
import type { ClusterKind, Scenario } from '../test/suite/scenario.ts';
import { SCENARIOS } from '../test/suite/scenarios/index.ts';
import { probesPage, probesTable } from '../test/suite/probes-table.ts';
import { timesTable } from '../test/suite/table.ts';

const USAGE = `Plays scenarios while you work on them.

  npm run scenarios -- [embedded] [testbed] [--only TEXT]… [--results DIR] [--record]

Those whose id has one of the TEXTs in it, or all; on the embedded cluster where none is named. On both, what they show is compared.
--record keeps what the probes saw for docs/reliability.md.
`;

/** The part of docs/reliability.md that `--record` writes. */
const PROBES = fileURLToPath(new URL('../docs/reliability/probes.md', import.meta.url));
const DIST = fileURLToPath(new URL('../dist', import.meta.url));

const START = { embedded: startEmbeddedCluster, testbed: startTestbed } as const;

/** So many at once: on the embedded cluster they mostly wait. */
const AT_ONCE = { embedded: 4, testbed: 1 } as const;

async function playAll(
  kind: ClusterKind,
  scenarios: readonly Scenario[],
  results: Results,
): Promise<boolean> {
  const pool = new Pool(START[kind]);
  const queue = [...scenarios];
  let good = true;
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const played = await runScenario(next, pool);
      results.write(kind, next, played);
      good &&= played.problems.length === 0;
      const sign = played.problems.length === 0 ? '✓' : '✗';
      console.log(`${sign} ${kind} ${next.id} (${(played.durationMs / 1000).toFixed(1)} s): ${next.shows}`);
      played.problems.forEach((problem) => {
        console.log(`    ${problem.replaceAll('\n', '\n    ')}`);
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE[kind] }, worker));
  } finally {
    await pool.close();
  }
  return good;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [''] },
      results: { type: 'string' },
      record: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const kinds = positionals.filter((name): name is ClusterKind => name in START);
  if (values.help === true || kinds.length < positionals.length) {
    console.log(USAGE);
    return values.help === true ? 0 : 2;
  }
  const chosen = SCENARIOS.filter(({ id }) => values.only.some((text) => id.includes(text)));
  const results = new Results(values.results ?? mkdtempSync(join(tmpdir(), 'scenarios-')));
  let good = true;
  for (const kind of kinds.length === 0 ? (['embedded'] as const) : kinds) {
    const good1 = await playAll(kind, chosen, results);
    good &&= good1;
  }
  if (kinds.length === 2) {
    for (const scenario of chosen) {
      const lines = results.disagreement(scenario);
      good &&= lines.length === 0;
      if (lines.length > 0) console.log(`≠ ${scenario.id}\n    ${lines.join('\n    ')}`);
    }
  }
  console.log(`\n${timesTable(chosen, results)}\n\n${probesTable(chosen, results)}`);
  if (values.record) writeFileSync(PROBES, probesPage(chosen, results, buildOf(DIST)));
  return good ? 0 : 1;
}

process.exitCode = await main();
