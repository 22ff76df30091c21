import { GATEWAY_KINDS, type LiveGateways } from '../istio/gateway-loss.ts';
import type { InstalledGateway } from '../istio/installed-gateway.ts';
import type { Session } from './session.ts';

/**
 * Reads gateways as they are. Each phase asks by the right that its role has anyway: canary lists what it installs, each kind
 * once in a namespace, and the others get what they move.
 *
 * @throws what reading the cluster throws
 */
export async function liveGateways(
  { reader, inputs: { phase } }: Pick<Session, 'reader' | 'inputs'>,
  gateways: readonly InstalledGateway[],
): Promise<LiveGateways> {
  const find = async (kind: (typeof GATEWAY_KINDS)[number], namespace: string, names: readonly string[]) => {
    const found: { readonly name: string; readonly object: object }[] = [];
    const keep = (item: { readonly metadata: { readonly name: string } } | undefined): void => {
      if (item !== undefined && names.includes(item.metadata.name))
        found.push({ name: item.metadata.name, object: { ...item, kind } });
    };
    if (phase === 'canary') for await (const item of reader.list(kind, { namespace })) keep(item);
    else (await Promise.all(names.map((name) => reader.get(kind, name, namespace)))).forEach(keep);
    return found;
  };
  const homes = [...Map.groupBy(gateways, ({ namespace }) => namespace)];
  const live = homes.map(async ([namespace, here]) => {
    const names = here.map(({ name }) => name);
    const found = (await Promise.all(GATEWAY_KINDS.map((kind) => find(kind, namespace, names)))).flat();
    return names.map((name) => ({
      namespace,
      name,
      objects: found.filter((item) => item.name === name).map(({ object }) => object),
    }));
  });
  return (await Promise.all(live)).flat();
}
