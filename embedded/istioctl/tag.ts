import { apply, find } from './apply.ts';
import { ApiRefusal, type Client, type Item } from './client.ts';
import { type TagLabels, tagObjects } from './default-tag.ts';
import type { Given } from './flags.ts';
import { withoutOwner } from './labels.ts';
import { collection, pathOf, resourceOf } from './paths.ts';
import { answer } from './print.ts';
import { hasTagService, leavesTagsToUsers, minorOf, removesValidator } from './releases.ts';
import { Refusal, usage } from './refusal.ts';
import { type Home, istiodName, switchedOff } from './webhooks.ts';

/** `tag set NAME --revision R`: points a tag to a revision. Its labels are those of the revision's own objects. */
export async function setTag(given: Given, client: Client, version: string): Promise<void> {
  const [tag, ...more] = given.positionals;
  const revision = given.text('revision');
  if (tag === undefined || more.length > 0) throw usage('must provide a tag for modification');
  if (revision === undefined) throw usage('required flag(s) "revision" not set');
  const asked = given.text('istioNamespace') ?? 'istio-system';
  // Before, it is not told to what renders the tag.
  const namespace = minorOf(version) < 12 ? 'istio-system' : asked;
  const injectors = collection(resourceOf('MutatingWebhookConfiguration'));
  const own = await client.list(injectors, `istio.io/rev=${revision},!istio.io/tag`);
  const [webhook] = own;
  if (webhook === undefined) {
    throw new Refusal(
      `cannot modify tag: cannot find MutatingWebhookConfiguration${hasTagService(version) ? ' or Service' : ''} with revision "${revision}"`,
    );
  }
  const ordinary = tag !== 'default' || !knowsDefault(version);
  if (ordinary && (await client.list(injectors, `istio.io/rev=${tag},!istio.io/tag`)).length > 0) {
    throw new Refusal(
      `cannot create revision tag "${tag}": found existing control plane revision with same name`,
    );
  }
  const existing = await client.list(injectors, `istio.io/tag=${tag}`);
  if (existing.length > 0 && !given.has('overwrite')) {
    throw new Refusal(`revision tag "${tag}" already exists, and --overwrite is false`);
  }
  const home: Home = { revision: revision === 'default' ? '' : revision, namespace };
  if (minorOf(version) < 12 && given.has('skip-confirmation')) throw new Refusal('Aborting operation.');
  for (const item of tagObjects(home, tag, await labelsFor(client, webhook, home, version), {
    everywhere: given.has('auto-inject-namespaces'),
    version,
  })) {
    await apply(client, withCertificate(item, webhook), 'istioctl');
  }
  if (!ordinary) await switchOff(client, namespace, version);
  answer(
    `Revision tag "${tag}" created, referencing control plane revision "${revision}". To enable injection using this
revision tag, use 'kubectl label namespace <NAMESPACE> istio.io/rev=${tag}'
`,
  );
}

/** Until 1.11 the default tag is one like any other. */
function knowsDefault(version: string): boolean {
  return minorOf(version) >= 12;
}

/** Two inject until then: the injector without a revision goes to sleep, and until 1.20 the validator of 1.10 goes. */
export async function switchOff(client: Client, namespace: string, version: string): Promise<void> {
  await putToSleep(client);
  const { apiVersion } = resourceOf('ValidatingWebhookConfiguration');
  const old = {
    apiVersion,
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: `istiod-${namespace}` },
  };
  if (minorOf(version) <= 20 && (await find(client, old)) !== undefined) await client.remove(pathOf(old), {});
}

/** istiod writes its certificate there at the same time: what was seen a moment ago may be outdated. */
async function putToSleep(client: Client, tries = 3): Promise<void> {
  const { apiVersion } = resourceOf('MutatingWebhookConfiguration');
  const kind = 'MutatingWebhookConfiguration';
  const own = await client.list(
    collection(resourceOf(kind)),
    'app=sidecar-injector,istio.io/rev=default,!istio.io/tag',
  );
  try {
    for (const item of own)
      await apply(client, {
        ...item,
        apiVersion,
        kind,
        webhooks: (item.webhooks as object[]).map(switchedOff),
      });
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.code !== 409 || tries === 0) throw error;
    await putToSleep(client, tries - 1);
  }
}

/** `tag list`: tag, revision, and no more: which namespaces use it nobody asks this stand-in. */
export async function listTags(_given: Given, client: Client): Promise<void> {
  const tags = await client.list(collection(resourceOf('MutatingWebhookConfiguration')), 'istio.io/tag');
  if (tags.length === 0) {
    answer('No Istio revision tag MutatingWebhookConfigurations to list\n');
    return;
  }
  const rows = tags.map(
    ({ metadata: { labels = {} } }) => `${labels['istio.io/tag'] ?? ''}\t${labels['istio.io/rev'] ?? ''}\t`,
  );
  answer(`${['TAG\tREVISION\tNAMESPACES', ...rows].join('\n')}\n`);
}

/** `tag remove NAME`: its webhook and Service, and the default's validator. */
export async function removeTag(given: Given, client: Client, version: string): Promise<void> {
  const [tag, ...more] = given.positionals;
  if (tag === undefined || more.length > 0) throw usage('must provide a tag for removal');
  const kinds = ['MutatingWebhookConfiguration', 'Service'];
  if (tag === 'default' && removesValidator(version)) kinds.push('ValidatingWebhookConfiguration');
  const items = await Promise.all(
    kinds.map(async (kind) => {
      const { apiVersion } = resourceOf(kind);
      const found = await client.list(collection(resourceOf(kind)), `istio.io/tag=${tag}`);
      return found.map((item): Item => ({ ...item, apiVersion, kind }));
    }),
  );
  if (items.flat().length === 0)
    throw new Refusal(`cannot remove tag "${tag}": cannot find MutatingWebhookConfiguration for tag`);
  const users = await client.list(collection(resourceOf('Namespace')), `istio.io/rev=${tag}`);
  if (users.length > 0 && !given.has('skip-confirmation')) {
    answer('Aborting operation.');
    return;
  }
  for (const item of items.flat()) await client.remove(pathOf(item), {});
  answer(`Revision tag ${tag} removed`);
}

/** What the chart gives a tag, until 1.18: uninstall takes it along. */
const CHARTED = {
  'install.operator.istio.io/owning-resource': 'unknown',
  'operator.istio.io/component': 'Pilot',
  release: 'istio',
};

/** From 1.19 on the labels of the revision's own objects, without those by which istioctl knows its own. */
async function labelsFor(client: Client, webhook: Item, home: Home, version: string): Promise<TagLabels> {
  if (!leavesTagsToUsers(version)) {
    return {
      webhook: { ...CHARTED, app: 'sidecar-injector' },
      service: CHARTED,
      validator: { app: 'istiod', istio: 'istiod', release: 'istio' },
    };
  }
  const service = await find(client, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: istiodName(home), namespace: home.namespace },
  });
  if (service === undefined) throw new Refusal(`cannot modify tag: Service ${istiodName(home)} not found`);
  const own = withoutOwner(service.metadata.labels ?? {});
  return {
    webhook: withoutOwner(webhook.metadata.labels ?? {}),
    service: own,
    validator: { ...own, istio: 'istiod' },
  };
}

interface Webhook {
  readonly clientConfig: { readonly caBundle?: string };
}

/** The certificate that istiod wrote into its own webhook is that of the tag's, too. */
function withCertificate(item: Item, own: Item): Item {
  if (!('webhooks' in item)) return item;
  const [first] = own.webhooks as Webhook[];
  const { caBundle } = first?.clientConfig ?? {};
  if (caBundle === undefined) return item;
  const webhooks = (item.webhooks as Webhook[]).map((webhook) => ({
    ...webhook,
    clientConfig: { ...webhook.clientConfig, caBundle },
  }));
  return { ...item, webhooks };
}
