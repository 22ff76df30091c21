import { type GatewaySource, renderedOf } from '../istio/gateway-configuration.ts';
import type { InstalledGateway } from '../istio/installed-gateway.ts';
import type { RenderedGateway, RenderedGateways } from './gateway-manifest.ts';
import type { Unreadable } from './reading.ts';
import { UnfaithfulSetValue } from './set-value.ts';

/** Gateways that are wanted, and what they may be rendered from: the first that has one is the one that counts. */
export interface WantedGateways {
  readonly due: readonly Pick<InstalledGateway, 'namespace' | 'name'>[];
  readonly sources: readonly GatewaySource[];
}

/**
 * The gateways of all sources, each rendered by itself, until those that are due are found: what is not needed does not have
 * to be understood, by the old release least of all.
 *
 * @param render renders one
 */
export async function gatewaysOfEach(
  { due, sources }: WantedGateways,
  render: (source: GatewaySource) => Promise<RenderedGateways | Unreadable>,
): Promise<RenderedGateways | Unreadable> {
  const gateways: RenderedGateway[] = [];
  for (const source of sources) {
    if (due.every((gateway) => renderedOf(gateway, gateways) !== undefined)) break;
    const answer = await render(source).catch(unfaithful);
    if (!answer.readable) return { ...answer, reason: `${source.inputs}: ${answer.reason}` };
    gateways.push(...answer.gateways.filter((one) => renderedOf(one, gateways) === undefined));
  }
  return { readable: true, gateways };
}

/** A line of `set` that is right for other files. */
function unfaithful(error: unknown): Unreadable {
  if (error instanceof UnfaithfulSetValue) return { readable: false, reason: error.message };
  throw error;
}
