import type { Finding } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import type { RenderedGateway } from '../istioctl/gateway-manifest.ts';
import type { RevisionConfiguration } from '../istioctl/istioctl.ts';
import type { InstalledGateway } from './installed-gateway.ts';
import { treeOf } from './leaves.ts';
import { nameOf } from './mesh.ts';

type Given = Pick<Inputs, 'config' | 'gatewayConfig' | 'set'>;

/** One configuration that renders gateways. */
export interface GatewaySource extends RevisionConfiguration {
  /** The inputs that make it, as findings name them. */
  readonly inputs: string;
  readonly without: 'all but gateways';
}

/**
 * What gateways are rendered from, each by itself: who installs them from several files does so too (istio.io, "Install
 * Multi-Primary"), and merged a list would replace a list. What outweighs comes first: a file of the gateways' own, the last
 * one before all, then the files and values of the control plane. Unlike for that, no profile is chosen for who gives none
 * of these: istioctl takes its default profile, as it did where the mesh was installed with nothing, either.
 */
export function gatewaySources(
  { config, gatewayConfig, set }: Given,
  { revision }: { readonly revision: string },
): readonly GatewaySource[] {
  const shared = set.filter((line) => !OF_CONFIG.test(line));
  const own = gatewayConfig.toReversed().map((file) => ({
    inputs: `gateway-config (${file})${shared.length > 0 ? ' with set' : ''}`,
    configFiles: [file],
    set: shared,
    below: profileBelow,
  }));
  return [...own, { inputs: 'config and set', configFiles: config, set }].map((source) => ({
    ...source,
    revision,
    without: 'all but gateways',
  }));
}

/**
 * Lines of `set` that say which gateways there are, and how they are: `components.ingressGateways[0]` is another one in each
 * file, a profile brings gateways of its own beside a file's, and `values.gateways.istio-ingressgateway` is about every
 * ingress gateway of a rendering, whatever its name (seen of 1.30.3 and 1.31.0).
 */
const OF_CONFIG = /^\s*(profile|components|values\.gateways)\s*[.=[]/;

/** The ingress gateway of istioctl's default profile. */
const DEFAULT_GATEWAY = 'istio-ingressgateway';

/**
 * What a file of gateways stands on where it names no profile; undefined for istioctl's default one. That has an ingress
 * gateway, which would come beside the file's own gateways and outweigh the one of `config`: so a file that names gateways
 * stands on none (profile `empty`, there since 1.6). It is left to istioctl where the file turns to that gateway: by its
 * name, by values of ingress gateways of which it names none, or as it names no gateway at all.
 */
export function profileBelow(spec: unknown): object | undefined {
  const { components, values } = treeOf(spec);
  const { ingressGateways: ingress, egressGateways: egress } = treeOf(components);
  const isOfDefault = Array.isArray(ingress)
    ? ingress.some((one) => treeOf(one).name === DEFAULT_GATEWAY)
    : !Array.isArray(egress) || treeOf(treeOf(values).gateways)[DEFAULT_GATEWAY] !== undefined;
  return isOfDefault ? undefined : { profile: 'empty' };
}

/** All that they are made of, for its digest. */
export function gatewayTexts({
  config,
  gatewayConfig,
  set,
}: Given): Pick<GatewaySource, 'configFiles' | 'set'> {
  return { configFiles: [...gatewayConfig, ...config], set };
}

/** The inputs that make them, as findings name them. */
export const GATEWAY_INPUTS = 'gateway-config, config and set';

/** What of a rendering is a gateway's. */
export function renderedOf(
  { namespace, name }: Pick<InstalledGateway, 'namespace' | 'name'>,
  rendered: readonly RenderedGateway[],
): RenderedGateway | undefined {
  return rendered.find((item) => item.namespace === namespace && item.name === name);
}

/**
 * The gateways can't be rendered.
 *
 * @param reason begins with the inputs from which they can't
 */
export function gatewaysNotRendered(reason: string): Finding {
  return {
    id: 'gateways-not-rendered',
    severity: 'error',
    message: `istioctl can't render the gateways of ${reason}`,
    remedy: `Correct ${GATEWAY_INPUTS}. Both the current and the target version must understand them, each file of gateway-config by itself.`,
  };
}

/**
 * A gateway of the mesh is not in the configuration that was given.
 *
 * @param mayStay whether leave to stay behind gets on: not where the control plane that it is on is to be removed
 */
export function gatewayNotInConfiguration(
  gateway: Pick<InstalledGateway, 'kind' | 'namespace' | 'name'>,
  mayStay: boolean,
): Finding {
  const stays = mayStay
    ? `, or accept that it stays behind: allow-stragglers: ${gateway.namespace}/${gateway.name}`
    : '';
  return {
    id: 'gateway-not-in-configuration',
    severity: 'error',
    object: nameOf(gateway),
    message: 'istioctl has installed this gateway, and the given configuration has no gateway of that name',
    remedy: `Give all phases the config and set with which it was installed (set: profile=default, where it came with the default profile), or its own file as gateway-config, a line of its own where there are more${stays}`,
  };
}
