import { describe, expect, jest, test } from '@jest/globals';
import { IGNORED_KINDS, type Snapshot, normalise } from '../support/normalise.ts';
import { withoutChance } from './by-chance.ts';
import type { SuiteCluster } from './cluster.ts';
import { startEmbeddedCluster } from './clusters/embedded.ts';
import { startTestbed } from './clusters/testbed.ts';
import { differences } from './differences.ts';
import { type ByHand, STORIES, type Story, withoutDeviations } from './documents.ts';
import { Objects } from './objects.ts';
import { untilQuiet } from './rollout.ts';
import { NEW } from './scenarios/shop.ts';

/** Two clusters, some phases each. */
jest.setTimeout(600_000);

/** `DOCUMENTS_ON=testbed`: with the real programs, which takes some minutes a story. */
const ON_TESTBED = process.env.DOCUMENTS_ON === 'testbed';
const start = ON_TESTBED ? startTestbed : startEmbeddedCluster;

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet'];

async function type(what: ByHand, cluster: SuiteCluster): Promise<void> {
  const objects = new Objects(cluster.api);
  if ('istioctl' in what) {
    const { code, stderr } = await cluster.istioctl(what.version, what.istioctl);
    if (code !== 0) throw new Error(`istioctl ${what.istioctl.join(' ')}: ${stderr}`);
  } else if ('label' in what) {
    await objects.patch(`Namespace ${what.label}`, { metadata: { labels: what.as } });
  } else {
    const restarted = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
    for (const { kind, metadata } of await cluster.everything([])) {
      if (!WORKLOADS.includes(kind) || metadata.namespace !== what.restart) continue;
      await objects.patch(`${kind} ${what.restart}/${metadata.name}`, {
        spec: { template: { metadata: { annotations: restarted } } },
      });
    }
  }
  await untilQuiet(objects);
}

/** How a cluster of its own is once it was acted upon. */
async function ending(
  { mesh, before }: Story,
  act: (cluster: SuiteCluster) => Promise<void>,
): Promise<Snapshot> {
  const cluster = await start(mesh);
  try {
    for (const what of before) await type(what, cluster);
    await act(cluster);
    await untilQuiet(new Objects(cluster.api));
    const snapshot = normalise(await cluster.everything(Object.keys(IGNORED_KINDS)));
    return ON_TESTBED ? withoutChance(snapshot) : snapshot;
  } finally {
    await cluster.close();
  }
}

describe('the documents’ own commands and this Action end in the same state', () => {
  const asked = STORIES.filter(({ played }) => played === undefined || process.env.SCENARIOS === 'all');
  test.each(asked)('$id', async (story) => {
    const byHand = await ending(story, async (cluster) => {
      for (const what of story.byHand) await type(what, cluster);
    });
    const byAction = await ending(story, async (cluster) => {
      for (const { run, inputs } of story.action) {
        const { report, summary, stderr } = await cluster.action({
          inputs: {
            phase: run,
            kubeconfig: cluster.kubeconfig('admin'),
            'istioctl-base-url': cluster.mirror,
            timeout: cluster.timeouts.long,
            ...(run === 'canary' ? { version: NEW } : {}),
            ...inputs,
          },
        });
        if (!['succeeded', 'rolled-back'].includes(report?.outcome ?? ''))
          throw new Error(`${run}: ${summary}\n${stderr}`);
      }
    });
    expect(differences(withoutDeviations(byAction), withoutDeviations(byHand))).toEqual([]);
  });
});
