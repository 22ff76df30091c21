import { type Sight, look, see, traces } from './claim.ts';
import type { DemoCluster } from './cluster.ts';
import { say } from './narrate.ts';
import { type Summary, runPhase } from './phase.ts';
import { MESH } from './shop.ts';

/** An upgrade, by versions and the revisions they run as. */
export interface Hop {
  readonly from: string;
  readonly to: string;
}

/** The namespaces that go first: one of each way of choosing a control plane. */
const CANARY = ['storefront', 'checkout'];
const CANARY_INPUT = { 'canary-namespaces': CANARY.join(', ') };

/** What only the new sidecar brings to light, in the second upgrade. */
const VICTIM = { namespace: 'checkout', name: 'payments' };

export function revisionOf(version: string): string {
  return version.replaceAll('.', '-');
}

/** Which revisions pods are of when some namespaces are on one and the others on another. */
function split(moved: readonly string[], there: string, here: string): Record<string, string[]> {
  const mesh = MESH.map((name) => [name, [moved.includes(name) ? there : here]] as const);
  return { ...Object.fromEntries(mesh), backoffice: ['none'] };
}

/**
 * Precheck, canary, promote and removal, each seen in the cluster.
 *
 * @returns seconds that the canary took
 */
export async function goodUpgrade(
  cluster: DemoCluster,
  { from, to }: Hop,
  summaries: Summary[],
): Promise<number> {
  const [old, target] = [revisionOf(from), revisionOf(to)];
  const title = (phase: string): string => `${phase}: ${from} → ${to}`;
  const before = await look(cluster);
  see(`every pod of the mesh is on ${old}`, before.pods, split([], target, old));

  const mark = cluster.writes.mark();
  await runPhase(
    cluster,
    {
      title: title('precheck'),
      inputs: { phase: 'precheck', version: to, ...CANARY_INPUT },
      outcome: 'succeeded',
    },
    summaries,
  );
  see('precheck asked the cluster to change nothing', cluster.writes.since(mark), []);

  const { seconds } = await runPhase(
    cluster,
    {
      title: title('canary'),
      inputs: { phase: 'canary', version: to, ...CANARY_INPUT },
      outcome: 'succeeded',
    },
    summaries,
  );
  const canary = await look(cluster);
  see('two control planes stand side by side', canary.istiods, {
    [`istiod-${old}`]: from,
    [`istiod-${target}`]: to,
  });
  see(
    `pods of ${CANARY.join(' and ')} are on ${target}, all others on ${old}`,
    canary.pods,
    split(CANARY, target, old),
  );
  see('the default has not moved', canary.defaults, before.defaults);

  await runPhase(
    cluster,
    { title: title('promote'), inputs: { phase: 'promote' }, outcome: 'succeeded' },
    summaries,
  );
  const promoted = await look(cluster);
  see(`every pod of the mesh is on ${target}`, promoted.pods, split([], old, target));
  see('default tag and validator are there, too', promoted.defaults, { tag: target, validator: target });
  see('the old control plane still runs, as the way back', Object.keys(promoted.istiods).length, 2);
  see(
    'namespaces that follow the default by istio-injection have the labels that they had',
    followers(promoted),
    followers(before),
  );

  await runPhase(
    cluster,
    {
      title: title('promote, remove-old'),
      inputs: { phase: 'promote', 'remove-old': 'true', 'remove-old-after': '0s' },
      outcome: 'succeeded',
    },
    summaries,
  );
  const removed = await look(cluster);
  see(`nothing names ${old} any more: no label, no webhook, no control plane`, traces(removed, old), []);
  see(`every pod of the mesh is on ${target}`, removed.pods, split([], old, target));
  return seconds;
}

function followers({ labels }: Sight): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter(([, choice]) => choice.startsWith('istio-injection')),
  );
}

/**
 * A canary that goes wrong, and the way back: the cluster is as it was, object by object.
 *
 * @param canarySeconds what a good canary takes here; a bad one is given a little more time
 */
export async function badUpgrade(
  cluster: DemoCluster,
  { from, to }: Hop,
  canarySeconds: number,
  summaries: Summary[],
): Promise<void> {
  const [old, target] = [revisionOf(from), revisionOf(to)];
  const { namespace, name } = VICTIM;
  await cluster.annotate(namespace, name, { 'testbed/ready': 'never', 'testbed/only-revision': target });
  say(
    `\nNow ${namespace}/${name} gets a fault that nobody knows of: with a sidecar of ${target} it never gets ready.`,
  );
  const before = await look(cluster);

  const timeout = `${String(Math.ceil(2 * canarySeconds + 5))}s`;
  const { run } = await runPhase(
    cluster,
    {
      title: `canary: ${from} → ${to}, with a workload that does not get ready`,
      inputs: { phase: 'canary', version: to, ...CANARY_INPUT, timeout },
      outcome: 'failed',
    },
    summaries,
  );
  const findings = JSON.parse(run.outputs.findings ?? '[]') as {
    id: string;
    severity: string;
    object?: string;
  }[];
  see(
    'it names the workload that is to blame',
    findings.filter(({ severity }) => severity === 'error').map(({ id, object }) => `${id} ${object ?? ''}`),
    [`workload-not-ready Deployment ${namespace}/${name}`],
  );
  see('it says that rollback is ready', run.outputs['rollback-ready'], 'true');
  const failed = await look(cluster);
  see('nothing outside of the canary was touched', outside(failed), outside(before));

  await runPhase(
    cluster,
    { title: `rollback to ${from}`, inputs: { phase: 'rollback' }, outcome: 'rolled-back' },
    summaries,
  );
  const after = await look(cluster);
  see('every label of every namespace is as it was', after.labels, before.labels);
  see(
    `every pod of the mesh is on ${old}, and all others have no sidecar`,
    after.pods,
    split([], target, old),
  );
  see(
    'every object of the cluster is as it was before the canary, but for a kind that the release brought',
    after.snapshot,
    { ...kindsBrought(after, before), ...before.snapshot },
  );
}

/** CRDs that were not there before: no rollback takes one back, with the objects of its kind. */
function kindsBrought(after: Sight, before: Sight): Sight['snapshot'] {
  return Object.fromEntries(
    Object.entries(after.snapshot).filter(
      ([name]) => name.startsWith('CustomResourceDefinition') && !(name in before.snapshot),
    ),
  );
}

function outside({ pods }: Sight): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(pods).filter(([name]) => !CANARY.includes(name)));
}
