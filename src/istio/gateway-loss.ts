import type { Finding } from '../finding.ts';
import type { RenderedGateway } from '../istioctl/gateway-manifest.ts';
import { isAcknowledged, lostSettings, saidOf } from './configuration-loss.ts';
import type { InstalledGateway } from './installed-gateway.ts';
import { GATEWAY_INPUTS, renderedOf } from './gateway-configuration.ts';
import { nameOf } from './mesh.ts';
import { withinLimits } from './setting-differences.ts';
import { type Naming, liveSettingsOf, settingsOf } from './settings.ts';

/** Kinds of a gateway's objects that hold what people set. */
export const GATEWAY_KINDS = [
  'Deployment',
  'Service',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
] as const;

/** A gateway as it is on the cluster: its objects of these kinds, as the server gives them. */
export type LiveGateways = readonly {
  readonly namespace: string;
  readonly name: string;
  readonly objects: readonly object[];
}[];

/** What is compared: the gateways as they are, and as both releases render them from the configuration that was given. */
export interface WeighedGateways {
  readonly live: LiveGateways;
  readonly leaving: readonly RenderedGateway[];
  readonly coming: readonly RenderedGateway[];
}

/**
 * What the gateways have on the cluster and the given configuration does not make: moving them takes it away without a word,
 * annotations of a load balancer as well as autoscalers and resources (H23, H52). What the release itself changes is no loss.
 *
 * @param due those that are to move
 * @param back of a way back: whether it is given other inputs than those that moved them, and what may be lost knowingly.
 *   Then a loss stops it: without any, istioctl renders those of its default profile.
 */
export function gatewaysLose(
  due: readonly InstalledGateway[],
  weighed: WeighedGateways,
  named: Pick<Naming, 'istioNamespace' | 'versions'>,
  back?: { readonly isOther: boolean; readonly acknowledge: readonly string[] },
): Finding[] {
  const stops = ({ key }: { readonly key: string }): boolean =>
    back?.isOther === true && !isAcknowledged(key, back.acknowledge);
  const naming = { ...named, kinds: GATEWAY_KINDS };
  return due.flatMap((gateway): Finding[] => {
    const live = weighed.live.find(
      ({ namespace, name }) => namespace === gateway.namespace && name === gateway.name,
    );
    const [leaving, coming] = [weighed.leaving, weighed.coming].map(
      (all) => renderedOf(gateway, all)?.objects,
    );
    if (live === undefined || leaving === undefined || coming === undefined) return [];
    const lost = lostSettings({
      live: liveSettingsOf(live.objects, naming),
      leaving: settingsOf(leaving, naming),
      coming: settingsOf(coming, naming),
    }).filter(({ is }) => is !== undefined);
    return (['error', 'warning'] as const).flatMap((severity) =>
      withinLimits(lost.filter((one) => stops(one) === (severity === 'error'))).map(
        ({ key, differences, more }) => ({
          id: 'gateway-differs-from-configuration',
          severity,
          object: nameOf(gateway),
          message: `${key}: ${saidOf(key, differences, GATEWAY_INPUTS)}${more}. It is lost when the gateway moves${wayOf(back)}`,
          remedy:
            severity === 'error'
              ? `Give rollback the inputs by which it was moved (${GATEWAY_INPUTS}, as promote had them). Or let it go: name it in acknowledge, a line each.`
              : `Give all phases, rollback too, the inputs with which it was installed (${GATEWAY_INPUTS}), or write what was changed into them.`,
        }),
      ),
    );
  });
}

function wayOf(back: { readonly isOther: boolean } | undefined): string {
  if (back === undefined) return ', and a rollback does not bring it back';
  return back.isOther ? ' back: this run has other inputs than those by which it was moved' : ' back';
}
