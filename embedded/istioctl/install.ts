import { setTimeout as sleep } from 'node:timers/promises';
import { apply, find, overlay } from './apply.ts';
import { ApiRefusal, type Client, type Item } from './client.ts';
import { type Config, readConfig } from './config.ts';
import { installedDefaultTag } from './default-tag.ts';
import { type Given, duration } from './flags.ts';
import { NOT_PRUNED } from './labels.ts';
import { PRUNED, collection, pathOf, resourceOf } from './paths.ts';
import { answer, note } from './print.ts';
import {
  appliesOnServer,
  dropsDefaultFirst,
  forgetsOperator,
  isRewritten,
  keepsOperator,
  knowsRevisions,
  minorOf,
  takesDefault,
} from './releases.ts';
import { type Rollout, isReady } from './ready.ts';
import { Refusal } from './refusal.ts';
import { istiodService } from './istiod.ts';
import { switchOff } from './tag.ts';
import { render } from './render.ts';

const POLL_MS = 50;
const READINESS = '300s';
const INJECTORS = collection(resourceOf('MutatingWebhookConfiguration'));

/** How long a component may take to get ready. */
interface Patience {
  readonly text: string;
  readonly ms: number;
}

/** `install`: applies, waits for readiness, and gives the default to whom it has to. */
export async function install(given: Given, client: Client, version: string): Promise<void> {
  const config = readConfig(given.all('filename'), given.all('set'), given.text('revision'), version);
  // The real one prunes the istiod of that revision (seen): a file without a name owns all that is there.
  if (!config.pilot && config.name === 'unknown')
    throw new Refusal(
      'this stand-in installs no gateway without its control plane from a file without a name',
    );
  const text = given.text('readiness-timeout') ?? READINESS;
  const readiness: Patience = { text, ms: duration(text) };
  if (!given.has('skip-confirmation')) {
    // Nobody is there to answer the prompt, and silence is "no".
    answer('This will install the Istio profile into the cluster. Proceed? (y/N) ');
    throw new Refusal('Cancelled.');
  }
  await ensureNamespace(client, config);
  const isFirst = (await client.list(INJECTORS, 'app=sidecar-injector')).length === 0;
  if (config.revision === '' && config.pilot && dropsDefaultFirst(version)) await dropDefault(client);
  const { base, pilot, cni, gateways } = render(config, version);
  for (const [title, items] of [
    ['Istio core', base],
    ['Istiod', pilot],
    ['CNI', cni],
    ['Ingress gateways', gateways],
  ] as const)
    if (items.length > 0)
      await component(client, title, items, { readiness, onServer: appliesOnServer(version) });
  if (await isDefault(client, config, version, isFirst)) {
    await switchOff(client, config.namespace, version);
    for (const item of installedDefaultTag(config, version)) await apply(client, item);
  }
  if (minorOf(version) === 10) await plainService(client, config);
  if (knowsRevisions(version)) {
    note('- Pruning removed resources');
    await prune(client, config, version, [...base, ...pilot, ...cni, ...gateways]);
  }
  if (keepsOperator(version)) await (appliesOnServer(version) ? apply : overlay)(client, operatorOf(config));
  if (forgetsOperator(version) && (await find(client, operatorOf(config))) !== undefined)
    await client.remove(pathOf(operatorOf(config)), {});
  note('✔ Installation complete');
}

/** The webhook alone: the default's validator stays. That it may not, the real one does not look at. */
async function dropDefault(client: Client): Promise<void> {
  const { apiVersion, kind } = resourceOf('MutatingWebhookConfiguration');
  try {
    for (const item of await client.list(INJECTORS, 'istio.io/tag=default'))
      await client.remove(pathOf({ ...item, apiVersion, kind }), {});
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
  }
}

/** What it was made of, for the next one. */
function operatorOf({ revision, namespace, spec }: Config): Item {
  const name = revision === '' ? 'installed-state' : `installed-state-${revision}`;
  return {
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    metadata: { name, namespace },
    spec,
  };
}

/** Only 1.10: where nobody has the Service that the base's validator asks, one that leads to any istiod. */
async function plainService(client: Client, { namespace, revision }: Config): Promise<void> {
  const service = istiodService({ revision: '', namespace }, 'istiod', { app: 'istiod' }, { app: 'istiod' });
  if (revision !== '' && (await find(client, service)) === undefined) await apply(client, service);
}

/**
 * Deletes what this version has installed for the revision before and does not render any more, whoever uses it: all of it, or
 * what a file of the same name made.
 */
async function prune(
  client: Client,
  config: Config,
  version: string,
  rendered: readonly Item[],
): Promise<void> {
  const { revision, namespace, name: owner } = config;
  const selector = [
    `istio.io/rev=${revision === '' ? 'default' : revision}`,
    `operator.istio.io/version=${version}`,
    ...(owner === 'unknown' ? [] : [`install.operator.istio.io/owning-resource=${owner}`]),
    ...(isRewritten(version) ? [`install.operator.istio.io/owning-resource-namespace=${namespace}`] : []),
  ].join(',');
  const nameOf = (kind: string, { metadata }: Item): string =>
    `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
  const wanted = new Set(rendered.map((item) => nameOf(item.kind, item)));
  for (const resource of PRUNED) {
    if (resource.kind === 'Pod') continue;
    for (const item of await client.list(collection(resource), selector)) {
      const kept = Object.keys(NOT_PRUNED).some((label) => item.metadata.labels?.[label] === 'true');
      if (kept || wanted.has(nameOf(resource.kind, item))) continue;
      await client.remove(pathOf({ ...item, apiVersion: resource.apiVersion, kind: resource.kind }), {
        propagationPolicy: 'Foreground',
      });
      note(`  Removed ${resource.kind}/${item.metadata.name}.${item.metadata.namespace ?? ''}.`);
    }
  }
}

/** Looked for first, as the real one does: who may not create namespaces can install into one that is there. */
async function ensureNamespace(client: Client, { namespace }: Config): Promise<void> {
  const item = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  if ((await find(client, item)) === undefined) await client.create('/api/v1/namespaces', item);
}

async function component(
  client: Client,
  title: string,
  items: readonly Item[],
  { readiness, onServer }: { readonly readiness: Patience; readonly onServer: boolean },
): Promise<void> {
  note(`- Processing resources for ${title}.`);
  try {
    for (const item of items) await (onServer ? apply(client, item) : overlay(client, item));
    await untilReady(
      client,
      title,
      items.filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet'),
      readiness,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    note(`✘ ${title} encountered an error: ${why}`);
    throw new Refusal(`failed to install manifests: ${why}`);
  }
  note(`✔ ${title} installed`);
}

async function untilReady(
  client: Client,
  title: string,
  workloads: readonly Item[],
  readiness: Patience,
): Promise<void> {
  const deadline = Date.now() + readiness.ms;
  for (const [index, workload] of workloads.entries()) {
    if (index === 0)
      note(`- Processing resources for ${title}. Waiting for ${workload.kind}/${workload.metadata.name}`);
    while (!isReady((await client.get(pathOf(workload))) as Rollout)) {
      if (Date.now() > deadline) {
        throw new Error(
          `failed to wait for resource: resources not ready after ${readiness.text}: context deadline exceeded`,
        );
      }
      await sleep(POLL_MS);
    }
  }
}

/**
 * @param isFirst no injector was there before
 */
async function isDefault(
  client: Client,
  { revision }: Config,
  version: string,
  isFirst: boolean,
): Promise<boolean> {
  const when = takesDefault(version);
  if (when === 'never') return false;
  if (revision === '') return true;
  if (when !== 'vacant') return when === 'first' && isFirst;
  return (await client.list(INJECTORS, 'app=sidecar-injector,istio.io/tag=default')).length === 0;
}
