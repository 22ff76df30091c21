import { randomUUID } from 'node:crypto';
import { Audit } from './api/audit.ts';
import { type Certificate, selfSigned } from './api/certificate.ts';
import { Pages } from './api/pages.ts';
import { MASTERS, type User } from './api/rbac.ts';
import { type Server, startServer } from './api/server.ts';
import { type Change, Store, newMetadata } from './api/store.ts';
import { type Verbs, createVerbs } from './api/verbs.ts';
import { Kubelet } from './controllers/kubelet.ts';
import { Manager } from './controllers/manager.ts';
import { NamespaceKeeper } from './controllers/namespaces.ts';
import { isReady } from './controllers/pod-status.ts';
import type { Delays } from './delays.ts';
import { createAdmission } from './istio/admission.ts';
import { isIstiod, istiodOf } from './istio/istiod.ts';
import { Proxies } from './istio/proxies.ts';
import { syncz } from './istio/syncz.ts';
import { collectOrphans, keepGateways } from './istio/gateways.ts';
import { keepWebhooks } from './istio/webhook-keeper.ts';
import { KINDS, type Kind } from './kinds.ts';
import type { Pod } from './objects.ts';

/** The version of Kubernetes that a cluster is where nothing else is said: the testbed's. */
export const KUBERNETES = 'v1.35.4';

/** A cluster without anything in it. */
export interface Cluster {
  readonly server: Server;
  readonly store: Store;
  /** To change objects as the API does, without asking who may. */
  readonly verbs: Verbs;
  readonly audit: Audit;
  /** The proxies' streams to their istiods. */
  readonly proxies: Proxies;
  readonly certificate: Certificate;
  /** Bearer tokens by user. */
  readonly tokens: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/** How long istiod takes to notice a change of webhooks, in milliseconds. */
const NOTICE_MS = 5;

/**
 * Starts the API and the controllers.
 *
 * @param versions releases of Istio whose images can be pulled
 * @param users by name, with their groups
 * @param kubernetes its version: what it says it is, and what it serves
 */
export async function startCluster(
  versions: readonly string[],
  users: Readonly<Record<string, readonly string[]>>,
  delays: Delays,
  kubernetes: string = KUBERNETES,
): Promise<Cluster> {
  const store = new Store();
  const verbs = createVerbs(store, createAdmission(store));
  const proxies = new Proxies(store, delays.sync);
  const kubelet = new Kubelet(store, proxies, delays, versions);
  const manager = new Manager(store, verbs);
  const namespaces = new NamespaceKeeper(store, verbs, delays.namespace);
  const audit = new Audit();
  const certificate = selfSigned('embedded-cluster');
  const tokens = new Map(Object.keys(users).map((name) => [name, randomUUID()]));
  const known = new Map<string, User>(
    [...tokens].map(([name, token]) => [
      token,
      { name, groups: [...(users[name] ?? []), 'system:authenticated'] },
    ]),
  );
  const timers = new Set<NodeJS.Timeout>();

  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system']) {
    store.put(KINDS.Namespace, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        ...newMetadata(name, undefined),
        labels: { 'kubernetes.io/metadata.name': name },
      },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }
  const stop = store.subscribe((change) => {
    if (change.kind === KINDS.Pod) kubelet.see(change);
    manager.see(change);
    namespaces.see(change);
    if (change.kind === KINDS.Pod || change.kind === KINDS.Service) proxies.connect();
    if (concernsIstiod(change)) later(NOTICE_MS, keepAll);
    if (concernsGateways(change)) later(NOTICE_MS, keepAllGateways);
  });

  function later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
    timer.unref();
  }

  function keepAll(): void {
    const caBundle = Buffer.from(certificate.certificate).toString('base64');
    const pods = store.list(KINDS.Pod).filter((pod) => isIstiod(pod) && isReady(pod));
    for (const pod of pods) keepWebhooks(store, istiodOf(pod), caBundle);
  }

  function keepAllGateways(): void {
    collectOrphans(store);
    const ready = store.list(KINDS.Pod).filter((pod) => isIstiod(pod) && isReady(pod));
    // Of each revision one leads.
    const leaders = new Map(ready.map((pod) => [istiodOf(pod).revision, istiodOf(pod)]));
    for (const istiod of leaders.values()) keepGateways(store, verbs, istiod);
  }

  const server = await startServer({
    store,
    verbs,
    pages: new Pages(),
    certificate,
    users: known,
    audit,
    version: kubernetes,
    ask: (namespace, pod) => syncz(store, proxies, namespace, pod),
  });
  return {
    server,
    store,
    verbs,
    audit,
    proxies,
    certificate,
    tokens,
    close: async () => {
      stop();
      kubelet.close();
      manager.close();
      namespaces.close();
      timers.forEach((timer) => clearTimeout(timer));
      await server.close();
    },
  };
}

const WEBHOOKS: readonly Kind[] = [KINDS.MutatingWebhookConfiguration, KINDS.ValidatingWebhookConfiguration];

function concernsIstiod({ kind, object }: Change): boolean {
  return WEBHOOKS.includes(kind) || (kind === KINDS.Pod && isIstiod(object as Pod));
}

/** What istiod's controller of Gateways looks at, but for status: of Deployments and Services those that it made. */
function concernsGateways(change: Change): boolean {
  const { kind, object, before } = change;
  if (concernsIstiod(change) || kind === KINDS.Namespace || kind === KINDS.CustomResourceDefinition)
    return true;
  if (kind.group === 'gateway.networking.k8s.io') return true;
  if (kind === KINDS.Service && object.metadata.labels?.['istio.io/tag'] !== undefined) return true;
  const made = object.metadata.labels?.['gateway.istio.io/managed'] !== undefined;
  return (
    made &&
    (kind === KINDS.Service ||
      (kind === KINDS.Deployment && before?.metadata.generation !== object.metadata.generation))
  );
}

/** The group of those who may do everything. */
export { MASTERS };
