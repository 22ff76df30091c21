/** A kind of configuration that an istiod reads. */
export interface ConfigurationKind {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  /**
   * Whose proxies its objects act on: those of their own namespace (of all, in the root namespace), or those of any, as
   * clients see them from elsewhere.
   */
  readonly reach: 'namespace' | 'mesh';
}

const NETWORKING = 'networking.istio.io';
const SECURITY = 'security.istio.io';
const EXTENSIONS = 'extensions.istio.io';
const GATEWAY_API = 'gateway.networking.k8s.io';

const of = (
  group: string,
  kind: string,
  plural: string,
  reach: ConfigurationKind['reach'],
): ConfigurationKind => ({ group, kind, plural, reach });

/** It leads somewhere: a removal asks what leads to the istiod that goes. */
export const ROUTES: readonly ConfigurationKind[] = [
  of(NETWORKING, 'VirtualService', 'virtualservices', 'mesh'),
  of(GATEWAY_API, 'TLSRoute', 'tlsroutes', 'mesh'),
  of(GATEWAY_API, 'TCPRoute', 'tcproutes', 'mesh'),
];

/**
 * The kinds of which an istiod leaves out each object whose label `istio.io/rev` is not its own revision, by the letter: a
 * tag is nobody's, and a control plane without revision is `default` (Istio's `config.LabelsInRevision`, as crdclient and
 * the Gateway API's controller use it; kinds of `collections.PilotGatewayAPI`). Not the Gateways of the Gateway API, which
 * every istiod reads, and not the experimental kinds (XBackendTrafficPolicy, InferencePool).
 */
export const CONFIGURATION_KINDS: readonly ConfigurationKind[] = [
  ...ROUTES,
  of(NETWORKING, 'DestinationRule', 'destinationrules', 'mesh'),
  of(NETWORKING, 'EnvoyFilter', 'envoyfilters', 'namespace'),
  of(NETWORKING, 'Gateway', 'gateways', 'mesh'),
  of(NETWORKING, 'ProxyConfig', 'proxyconfigs', 'namespace'),
  of(NETWORKING, 'ServiceEntry', 'serviceentries', 'mesh'),
  of(NETWORKING, 'Sidecar', 'sidecars', 'namespace'),
  of(NETWORKING, 'WorkloadEntry', 'workloadentries', 'mesh'),
  of(NETWORKING, 'WorkloadGroup', 'workloadgroups', 'namespace'),
  of(SECURITY, 'AuthorizationPolicy', 'authorizationpolicies', 'namespace'),
  // Clients choose plain text or mTLS by it.
  of(SECURITY, 'PeerAuthentication', 'peerauthentications', 'mesh'),
  of(SECURITY, 'RequestAuthentication', 'requestauthentications', 'namespace'),
  of('telemetry.istio.io', 'Telemetry', 'telemetries', 'namespace'),
  of(EXTENSIONS, 'TrafficExtension', 'trafficextensions', 'namespace'),
  of(EXTENSIONS, 'WasmPlugin', 'wasmplugins', 'namespace'),
  of(GATEWAY_API, 'BackendTLSPolicy', 'backendtlspolicies', 'mesh'),
  of(GATEWAY_API, 'GatewayClass', 'gatewayclasses', 'mesh'),
  of(GATEWAY_API, 'GRPCRoute', 'grpcroutes', 'mesh'),
  of(GATEWAY_API, 'HTTPRoute', 'httproutes', 'mesh'),
  of(GATEWAY_API, 'ListenerSet', 'listenersets', 'mesh'),
  of(GATEWAY_API, 'ReferenceGrant', 'referencegrants', 'mesh'),
  of(GATEWAY_API, 'UDPRoute', 'udproutes', 'mesh'),
];

/** As `kubectl` takes it: `virtualservices.networking.istio.io`. */
export function resourceOf({ group, plural }: Pick<ConfigurationKind, 'group' | 'plural'>): string {
  return `${plural}.${group}`;
}
