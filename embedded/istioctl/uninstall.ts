import { find } from './apply.ts';
import type { Client, Item } from './client.ts';
import type { Given } from './flags.ts';
import { FILTERS, PRUNED, type Resource, collection, pathOf, resourceOf } from './paths.ts';
import { answer, note } from './print.ts';
import { connectedProxies } from './proxies.ts';
import { Refusal, usage } from './refusal.ts';
import {
  asksInDryRun,
  hasFilters,
  isRewritten,
  missesRevision,
  spares,
  uninstallTakes,
  uninstallsBase,
} from './releases.ts';

const COMPONENT = 'operator.istio.io/component';
/** Components that uninstall takes; from 1.10 on the base is not among them. */
const COMPONENTS = ['Pilot', 'IngressGateways', 'EgressGateways', 'Cni', 'Ztunnel'];

/** `uninstall --revision`: deletes what carries the revision's labels, and returns before it has gone. */
export async function uninstall(given: Given, client: Client, version: string): Promise<void> {
  const revision = given.text('revision');
  if (revision === undefined) throw new Refusal('this stand-in uninstalls by --revision only');
  const namespace = namespaceOf(given.all('set'));
  if (missesRevision(version)) await mustExist(client, revision);
  const found = await prunable(client, revision, namespace, version);
  const dryRun = given.has('dry-run');
  const asked = await tellProxies(client, given.text('istioNamespace') ?? 'istio-system', revision, version);
  if (asked && (!dryRun || asksInDryRun(version)) && !given.has('skip-confirmation')) {
    answer('Proceed? (y/N) ');
    throw new Refusal('Cancelled.');
  }
  if (found.length === 0) answer('No resources will be pruned from the cluster. Please check the revision.');
  for (const { resource, item } of found) {
    const name = isRewritten(version) ? nameOf(resource, item) : hashOf(resource, item);
    if (dryRun) answer(`${spares(version)} ${name} because of dry run.`);
    else {
      await client.remove(pathOf(item), {
        propagationPolicy: isRewritten(version) ? 'Foreground' : 'Background',
      });
      answer(`  Removed ${name}.`);
    }
  }
  note('\n✔ Uninstall complete');
}

function nameOf({ apiVersion, kind }: Resource, { metadata }: Item): string {
  return `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}/${metadata.name}.${metadata.namespace ?? ''}`;
}

/** Until 1.23. */
function hashOf({ kind }: Resource, { metadata: { name, namespace } }: Item): string {
  return kind.startsWith('ClusterRole') ? `${kind}:${name}` : `${kind}:${namespace ?? ''}:${name}`;
}

/** Only this value means something to an uninstall. */
function namespaceOf(set: readonly string[]): string {
  const [strange] = set.filter((line) => !line.startsWith('values.global.istioNamespace='));
  if (strange !== undefined) throw usage(`this stand-in does not know uninstall --set ${strange}`);
  return set.at(-1)?.split('=')[1] ?? 'istio-system';
}

/** A revision is there when some injector names it, a tag's too. */
async function mustExist(client: Client, revision: string): Promise<void> {
  const injectors = await client.list(
    collection(resourceOf('MutatingWebhookConfiguration')),
    `istio.io/rev=${revision}`,
  );
  if (injectors.length === 0) throw new Refusal('could not find target revision');
}

interface Found {
  readonly resource: Resource;
  readonly item: Item;
}

async function prunable(
  client: Client,
  revision: string,
  namespace: string,
  version: string,
): Promise<Found[]> {
  const selector = [
    `istio.io/rev=${revision}`,
    uninstallsBase(version) ? COMPONENT : `${COMPONENT} in (${COMPONENTS.join(',')})`,
    ...(isRewritten(version) ? [`install.operator.istio.io/owning-resource-namespace=${namespace}`] : []),
  ].join(',');
  const found = await operatorOf(client, revision, namespace, version);
  for (const resource of hasFilters(version) ? [...PRUNED, FILTERS] : PRUNED) {
    if (resource.kind === 'Pod' || !uninstallTakes(version, resource.kind)) continue;
    for (const item of await client.list(collection(resource), selector)) {
      found.push({ resource, item: { ...item, apiVersion: resource.apiVersion, kind: resource.kind } });
    }
  }
  return found;
}

async function operatorOf(
  client: Client,
  revision: string,
  namespace: string,
  version: string,
): Promise<Found[]> {
  if (!uninstallTakes(version, 'IstioOperator')) return [];
  const resource = resourceOf('IstioOperator');
  const name = revision === 'default' ? 'installed-state' : `installed-state-${revision}`;
  const { apiVersion, kind } = resource;
  const item = await find(client, { apiVersion, kind, metadata: { name, namespace } });
  return item === undefined ? [] : [{ resource, item }];
}

/** Says who is still connected; whether there is anybody, or nobody could be asked. */
async function tellProxies(
  client: Client,
  namespace: string,
  revision: string,
  version: string,
): Promise<boolean> {
  const proxies = await connectedProxies(client, namespace, revision, version).catch(() => undefined);
  if (proxies === undefined) {
    answer(`Unable to find any proxies pointing to the control plane revision ${revision}.`);
    return true;
  }
  if (proxies.length === 0) return false;
  answer(`There are still ${proxies.length} proxies pointing to the control plane revision ${revision}`);
  if (proxies.length <= 30) proxies.forEach(answer);
  answer(
    'If you proceed with the uninstall, these proxies will become detached from any control plane and will not function correctly.\n',
  );
  return true;
}
