import { GATEWAY_KINDS, type LiveGateways } from '../istio/gateway-loss.ts';
import type { InstalledGateway } from '../istio/installed-gateway.ts';
import type { Session } from './session.ts';

/**
 * Reads gateways as they are. Each phase asks by the right that its role has anyway: canary lists what it installs, and the
 * others get what they move.
 *
 * @throws what reading the cluster throws
 */
export async function liveGateways(
  { reader, inputs: { phase } }: Pick<Session, 'reader' | 'inputs'>,
  gateways: readonly InstalledGateway[],
): Promise<LiveGateways> {
  const find = async (kind: (typeof GATEWAY_KINDS)[number], name: string, namespace: string) => {
    if (phase !== 'canary') return reader.get(kind, name, namespace);
    for await (const item of reader.list(kind, { namespace })) if (item.metadata.name === name) return item;
    return undefined;
  };
  return Promise.all(
    gateways.map(async ({ namespace, name }) => {
      const found = await Promise.all(
        GATEWAY_KINDS.map(async (kind) => {
          const object = await find(kind, name, namespace);
          return object === undefined ? [] : [{ ...object, kind }];
        }),
      );
      return { namespace, name, objects: found.flat() };
    }),
  );
}
