import { type ClusterObject, type Snapshot } from '../support/normalise.ts';
import type { SuiteCluster } from './cluster.ts';
import { connectedTo } from './connected.ts';
import { differences } from './differences.ts';
import { type Facts, livingPods, proxyOf, servicesOf } from './facts.ts';
import { messageOf, type Objects } from './objects.ts';
import { podView } from '../support/pods.ts';
import { VIRTUAL_SERVICES, newborn } from './rehearsed.ts';
import type { AfterAct } from './scenario.ts';

/** What can be looked at. */
export interface ClusterEvidence {
  readonly cluster: SuiteCluster;
  readonly objects: Objects;
  readonly facts: Facts;
  readonly snapshot: () => Promise<Snapshot>;
  /** Snapshots by their names. */
  readonly kept: ReadonlyMap<string, Snapshot>;
}

/** What of the cluster is not as it should be, a line each. */
export async function judgeCluster(then: AfterAct, evidence: ClusterEvidence): Promise<string[]> {
  const { facts } = evidence;
  const found = [
    then.dataPlane === undefined ? [] : differences(shortDataPlane(facts), then.dataPlane, 'data plane'),
    then.default === undefined
      ? []
      : differences(facts.default, { injector: then.default, validator: then.default }, 'default'),
    ...Object.entries(then.labels ?? {}).map(([name, labels]) =>
      differences(facts.labels[name], labels, `labels of ${name}`),
    ),
    ...(await Promise.all([
      judgeSnapshots(then, evidence),
      judgeConnected(then, evidence),
      judgeExists(then, evidence),
      judgeBorn(then, evidence),
      judgeValidation(then, evidence),
    ])),
  ];
  return found.flat();
}

/** The proxies of a namespace without their number. */
function shortDataPlane({ dataPlane }: Facts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dataPlane).map(([namespace, counts]) => [
      namespace,
      Object.keys(counts).sort().join(' and '),
    ]),
  );
}

async function judgeSnapshots(
  { same, differs, remains }: AfterAct,
  evidence: ClusterEvidence,
): Promise<string[]> {
  if (same === undefined && differs === undefined && remains === undefined) return [];
  const now = await evidence.snapshot();
  const kept = (name: string): Snapshot => {
    const snapshot = evidence.kept.get(name);
    if (snapshot === undefined) throw new Error(`the scenario keeps no snapshot ${name}`);
    return snapshot;
  };
  return [
    ...(same === undefined ? [] : differences(now, kept(same), `snapshot ${same}`)),
    ...(differs !== undefined && differences(now, kept(differs)).length === 0
      ? [`the cluster is as it was at ${differs}`]
      : []),
    ...(remains === undefined ? [] : judgeRemains(now, remains)),
  ];
}

/** Evidence from outside: whatever carries the revision's label, of any kind, and whatever speaks of its istiod. */
function judgeRemains(now: Snapshot, { of, are }: NonNullable<AfterAct['remains']>): string[] {
  const service = of === 'default' ? 'istiod' : `istiod-${of}`;
  const objects = Object.entries(now);
  const labelled = objects.filter(([, object]) => revisionOf(object) === of).map(([key]) => key);
  const asking = objects
    .filter(([key, object]) => key.includes('WebhookConfiguration') && servicesOf(object).includes(service))
    .map(([key]) => key);
  return [
    ...differences(labelled, are, `objects labelled ${of}`),
    ...asking.map((key) => `${key} asks the istiod of ${of}`),
  ];
}

function revisionOf(object: unknown): string | undefined {
  return (object as { metadata: { labels?: Record<string, string> } }).metadata.labels?.['istio.io/rev'];
}

async function judgeConnected({ connected = {} }: AfterAct, evidence: ClusterEvidence): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(connected).map(async ([revision, who]) => {
      const seen = await connectedTo(evidence.cluster, revision);
      const what = `connected to ${revision}`;
      if (who === 'none') return differences(seen, {}, what);
      if (who === 'some') return Object.keys(seen).length === 0 ? [`nobody is ${what}`] : [];
      return differences(seen, await proxies(evidence.objects), what);
    }),
  );
  return found.flat();
}

/** All pods with a proxy, with its image's version. */
async function proxies(objects: Objects): Promise<Record<string, string>> {
  const pods = (await livingPods(objects)).filter(({ proxy }) => proxy !== undefined);
  if (pods.length === 0) throw new Error('no pod has a proxy');
  return Object.fromEntries(
    pods.map((pod) => [`${pod.namespace}/${pod.name}`, proxyOf(pod).split('@')[1] ?? '']),
  );
}

async function judgeExists({ exists = [] }: AfterAct, { objects }: ClusterEvidence): Promise<string[]> {
  const found = await Promise.all(
    exists.map(async (ref) => ((await objects.get(ref)) === undefined ? [`${ref} is gone`] : [])),
  );
  return found.flat();
}

async function judgeBorn({ born = {} }: AfterAct, { objects }: ClusterEvidence): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(born).map(async ([namespace, version]) => {
      const { status, body } = await objects.rehearse(newborn(namespace));
      const what = `proxy of a pod born in ${namespace}`;
      if (status !== 201) return [`${what}: the server says ${String(status)}`];
      return differences(proxyOf(podView(body as ClusterObject)).split('@')[1], version, what);
    }),
  );
  return found.flat();
}

async function judgeValidation({ validates }: AfterAct, { objects }: ClusterEvidence): Promise<string[]> {
  if (validates === undefined) return [];
  const answer = await objects.rehearse(VIRTUAL_SERVICES.wrong);
  return messageOf(answer).includes('denied the request')
    ? []
    : [`a wrong VirtualService was not denied: ${String(answer.status)} ${messageOf(answer)}`];
}
