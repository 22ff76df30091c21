import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NotSo } from '../demo/claim.ts';
import type { DemoCluster, StartDemoCluster } from '../demo/cluster.ts';
import { startEmbeddedDemo } from '../demo/embedded.ts';
import { heading, say } from '../demo/narrate.ts';
import type { Summary } from '../demo/phase.ts';
import { NAMESPACES, WORKLOADS, demoShop } from '../demo/shop.ts';
import { startTestbedDemo } from '../demo/testbed.ts';
import { type Hop, badUpgrade, goodUpgrade, revisionOf } from '../demo/upgrade.ts';
import { summaryPage } from './summary-page.ts';

const USAGE = `Shows the Action at work on a cluster of its own, and looks whether what it says is so.

  npm run demo                 on the embedded cluster: needs Node alone, some seconds, no network
  npm run demo -- --testbed    on the testbed: a real Kubernetes API and a real Istio, needs Linux and Go, some minutes
`;

/** What to try next, for who has not. */
const MORE = `npm run demo -- --testbed     the same with a real Kubernetes API, istioctl and istiod
          `;

const OUT = fileURLToPath(new URL('../.demo', import.meta.url));

const FIRST: Hop = { from: '1.30.3', to: '1.31.0' };
const SECOND: Hop = { from: '1.31.0', to: '1.32.0' };

/** Starts a cluster with the shop on a version, and takes it away afterwards, whatever happened. */
async function withShop<T>(
  start: StartDemoCluster,
  version: string,
  work: (cluster: DemoCluster) => Promise<T>,
): Promise<T> {
  const revision = revisionOf(version);
  say(
    `Starting a cluster with Istio ${version}, and a shop of ${NAMESPACES} namespaces and ${WORKLOADS} workloads …`,
  );
  const cluster = await start({ version, revision }, demoShop(revision));
  try {
    say(`It runs: ${cluster.title}.`);
    return await work(cluster);
  } finally {
    await cluster.close();
  }
}

/** Both upgrades on one cluster. */
function play(start: StartDemoCluster, summaries: Summary[]): Promise<void> {
  return withShop(start, FIRST.from, async (cluster) => {
    const seconds = await goodUpgrade(cluster, FIRST, summaries);
    await badUpgrade(cluster, SECOND, seconds, summaries);
  });
}

/** Writes the page and the Markdown beside it; also when the demo failed, for what was there until then. */
async function writeSummaries(summaries: readonly Summary[]): Promise<void> {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  for (const [index, { title, markdown }] of summaries.entries()) {
    const name = title.replace(/[^a-z0-9]+/gi, '-').toLowerCase();
    writeFileSync(join(OUT, `${String(index + 1)}-${name}.md`), markdown);
  }
  writeFileSync(join(OUT, 'summaries.html'), await summaryPage(summaries));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { testbed: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const startedAt = performance.now();
  const summaries: Summary[] = [];
  try {
    await play(values.testbed ? startTestbedDemo : startEmbeddedDemo, summaries);
  } catch (error) {
    if (!(error instanceof NotSo)) throw error;
    process.stderr.write(`\n✗ The demo stops here: ${error.message}\n`);
    return 1;
  } finally {
    await writeSummaries(summaries);
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const page = relative(process.cwd(), join(OUT, 'summaries.html'));
  heading('Done');
  say(`Two upgrades in ${seconds} s, and all that was claimed was seen.

Look at   ${page}
          the summaries of all ${summaries.length} runs as GitHub shows them; their Markdown is beside it
Then try  ${values.testbed ? '' : MORE}KUBECONFIG=… npm run phase -- phase=precheck version=1.31.0
                                        what it says of a cluster of yours: it reads, and changes nothing
          README.md                     the workflow to paste`);
  return 0;
}

process.exitCode = await main();
