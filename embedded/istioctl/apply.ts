import { ApiRefusal, type Client, type Item } from './client.ts';
import { homeOf, pathOf } from './paths.ts';
import { merge } from './merge.ts';

/** What istiod, and not istioctl, decides of a webhook: kept when the configuration is applied again. */
interface Kept {
  readonly name: string;
  readonly failurePolicy?: string;
  readonly clientConfig: { readonly caBundle?: string };
}

/**
 * Makes an object what it should be: changes one that is there, creates one that is not. Returns what was there.
 *
 * @param manager in whose name; the default is that of `install`, of which the server knows what it applied
 */
export async function apply(
  client: Client,
  item: Item,
  manager = 'istio-operator',
): Promise<Item | undefined> {
  const current = 'webhooks' in item ? await seen(client, item) : undefined;
  const wanted = current === undefined ? item : { ...item, webhooks: kept(item, current) };
  try {
    return (await client.merge(`${pathOf(item)}?fieldManager=${manager}`, wanted)) as Item;
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.code !== 404) throw error;
    await client.create(`${homeOf(item)}?fieldManager=${manager}`, wanted);
    return undefined;
  }
}

/** As it was done until 1.7: reads an object, lays what it brings over it, and writes the whole. What it does not bring stays. */
export async function overlay(client: Client, item: Item): Promise<void> {
  const there = await find(client, item);
  if (there === undefined) await client.create(homeOf(item), item);
  else {
    const wanted = 'webhooks' in item ? { ...item, webhooks: kept(item, there) } : item;
    await client.replace(pathOf(item), merge(there, wanted) as Item);
  }
}

/** An object by its kind and name; undefined where there is none. */
export async function find(
  client: Client,
  item: Pick<Item, 'kind' | 'metadata' | 'apiVersion'>,
): Promise<Item | undefined> {
  try {
    return (await client.get(pathOf(item))) as Item;
  } catch (error) {
    if (error instanceof ApiRefusal && error.code === 404) return undefined;
    throw error;
  }
}

/** By a list, so that it needs no right that the real one, which applies on the server, does not. */
async function seen(client: Client, item: Item): Promise<Item | undefined> {
  const [found] = await client.list(homeOf(item), undefined, `metadata.name=${item.metadata.name}`);
  return found;
}

function kept(item: Item, current: Item): object[] {
  const before = (current.webhooks ?? []) as Kept[];
  return (item.webhooks as Kept[]).map((webhook) => {
    const same = before.find(({ name }) => name === webhook.name);
    if (same === undefined) return webhook;
    const { failurePolicy } = same;
    return {
      ...webhook,
      ...(failurePolicy === undefined ? {} : { failurePolicy }),
      clientConfig: { ...same.clientConfig, ...webhook.clientConfig },
    };
  });
}
