import { startEmbeddedCluster } from '../test/suite/clusters/embedded.ts';
import { Pool } from '../test/suite/pool.ts';
import { runScenario } from '../test/suite/run-scenario.ts';
const pool = new Pool(startEmbeddedCluster);
const played = await runScenario({ id: 'zz', shows: '', mesh: '1-30-3', leaves: 'changed', acts: [
  { run: 'canary', inputs: { 'canary-namespaces': 'storefront' }, then: { outcome: 'succeeded' } },
  { event: { patch: 'Namespace catalog', with: { metadata: { labels: { 'istio.io/rev': null } } } } },
  { run: 'promote', patience: 'short', then: { outcome: 'succeeded' } },
] }, pool);
console.log(played.problems.join('\n'));
await pool.close();
