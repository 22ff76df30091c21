import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Tree, isTree, merge } from './merge.ts';
import { type Overlay, overlaysOf } from './overlays.ts';
import { Refusal } from './refusal.ts';

/** What a control plane is made of. */
export interface Config {
  /** Empty for the control plane without a revision. */
  readonly revision: string;
  readonly namespace: string;
  readonly hub: string;
  readonly tag: string;
  /** Image of the proxy that gateways have: a name with a slash is the whole of it. */
  readonly proxy: string;
  /** Of who signs certificates, where that is not istiod. */
  readonly caAddress: string | undefined;
  readonly meshConfig: Tree;
  /** Pods of namespaces without any label are injected, too. */
  readonly everyNamespace: boolean;
  /** Environment of istiod's, beside its own. */
  readonly env: Readonly<Record<string, string>>;
  /** Of istiod's autoscaler; there is none here that scales. */
  readonly autoscale: { readonly minReplicas: number; readonly maxReplicas: number };
  /** Most replicas that an ingress gateway's autoscaler makes. */
  readonly gatewayMost: number;
  /** The injector's template that gives ingress gateways their proxy; empty where it is rendered whole. */
  readonly injectionTemplate: string;
  /** Whether istiod and gateways get a disruption budget; where nothing is said, what the release does by itself. */
  readonly budgets: boolean | undefined;
  /** Whether istiod, gateways and Istio CNI get a NetworkPolicy. */
  readonly policies: boolean;
  /** `metadata.name` of the file; istioctl records it as the owner. */
  readonly name: string;
  /** The gateways to install. */
  readonly gateways: readonly Gateway[];
  /** Whether the control plane and what it stands on are installed, too. */
  readonly pilot: boolean;
  /** Whether Istio CNI is rendered, too. */
  readonly cni: boolean;
  /** Patches of what is rendered for istiod and for gateways. */
  readonly overlays: readonly Overlay[];
  /** The whole spec, as it is recorded on the cluster. */
  readonly spec: Tree;
}

const ON = { enabled: true } as const;

/** The fields that are understood; `true` for one of any content. All others are refused, as istioctl does. */
const SCHEMA = {
  profile: true,
  hub: true,
  tag: true,
  revision: true,
  meshConfig: true,
  components: {
    ingressGateways: true,
    egressGateways: true,
    base: ON,
    pilot: { ...ON, k8s: { overlays: true } },
    cni: ON,
    ztunnel: ON,
  },
  values: {
    global: {
      istioNamespace: true,
      caAddress: true,
      hub: true,
      tag: true,
      proxy: true,
      proxy_init: true,
      logging: true,
      meshID: true,
      network: true,
      multiCluster: true,
      defaultPodDisruptionBudget: true,
      networkPolicy: true,
    },
    pilot: { env: true, resources: true, autoscaleMin: true, autoscaleMax: true },
    // Of all ingress gateways, as the chart has it.
    gateways: { 'istio-ingressgateway': { autoscaleMax: true, injectionTemplate: true } },
    sidecarInjectorWebhook: {
      enableNamespacesByDefault: true,
      neverInjectSelector: true,
      alwaysInjectSelector: true,
      templates: true,
    },
  },
} as const;

/** The gateways that a profile brings. */
const PROFILES: Readonly<Record<string, readonly string[]>> = {
  empty: [],
  minimal: [],
  default: ['istio-ingressgateway'],
};

/**
 * Reads files and `--set` lines, in the order of their weight.
 *
 * @param version gives the tag of the images where nothing else does
 */
export function readConfig(
  files: readonly string[],
  set: readonly string[],
  revision: string | undefined,
  version: string,
): Config {
  const documents = files.map(readFile);
  const lines = set.map(readSet);
  const spec = [...documents.map((document) => document.spec), ...lines].reduce<Tree>(
    (below, above) => merge(below, above) as Tree,
    { profile: 'default', hub: 'docker.io/istio', tag: version },
  );
  refuseUnknown(spec, SCHEMA, 'IstioOperatorSpec');
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const {
    global = {},
    pilot = {},
    sidecarInjectorWebhook: injector = {},
    gateways: { 'istio-ingressgateway': ingress } = {},
  } = (spec.values ?? {}) as Readonly<Record<string, Tree>>;
  const chosen = revision ?? text(spec.revision) ?? '';
  const hub = text(global.hub) ?? text(spec.hub) ?? '';
  const tag = text(global.tag) ?? text(spec.tag) ?? '';
  const proxy = isTree(global.proxy) ? (text(global.proxy.image) ?? 'proxyv2') : 'proxyv2';
  return {
    revision: checkRevision(chosen === 'default' ? '' : chosen),
    namespace: text(global.istioNamespace) ?? 'istio-system',
    hub,
    tag,
    proxy: proxy.includes('/') ? proxy : `${hub}/${proxy}:${tag}`,
    caAddress: text(global.caAddress),
    meshConfig: isTree(spec.meshConfig) ? spec.meshConfig : {},
    everyNamespace: injector.enableNamespacesByDefault === true,
    env: isTree(pilot.env)
      ? Object.fromEntries(Object.entries(pilot.env).map(([key, value]) => [key, String(value)]))
      : {},
    autoscale: { minReplicas: Number(pilot.autoscaleMin ?? 1), maxReplicas: Number(pilot.autoscaleMax ?? 5) },
    gatewayMost: Number(isTree(ingress) ? (ingress.autoscaleMax ?? 5) : 5),
    injectionTemplate: (isTree(ingress) ? text(ingress.injectionTemplate) : undefined) ?? '',
    budgets: isTree(global.defaultPodDisruptionBudget)
      ? global.defaultPodDisruptionBudget.enabled === true
      : undefined,
    policies: isTree(global.networkPolicy) && global.networkPolicy.enabled === true,
    name: documents.map((document) => document.name).findLast((name) => name !== undefined) ?? 'unknown',
    gateways: gatewaysOf(spec),
    ...partsOf(spec),
    overlays: overlaysOf(spec),
    spec,
  };
}

function checkRevision(revision: string): string {
  if (/^([a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)?$/.test(revision)) return revision;
  throw new Refusal(`invalid revision specified: ${revision}`);
}

/** Those of `components`, whose lists replace the profile's. */
function gatewaysOf({ profile, components = {} }: Tree): Gateway[] {
  const brought = PROFILES[String(profile)];
  if (brought === undefined) throw new Refusal(`generate config: unknown profile: ${String(profile)}`);
  const { ingressGateways, egressGateways = [] } = components as Readonly<Record<string, readonly Gateway[]>>;
  const ingress = ingressGateways ?? brought.map((name): Gateway => ({ name, enabled: true }));
  return [...ingress, ...egressGateways].filter(({ enabled }) => enabled === true);
}

/** One of them, as a file has it; what else is said of it makes no difference here. */
export interface Gateway {
  readonly name: string;
  readonly enabled?: boolean;
  readonly label?: Readonly<Record<string, string>>;
}

/** The base and istiod go together here. */
function partsOf({ profile, components = {} }: Tree): Pick<Config, 'pilot' | 'cni'> {
  const parts = components as Readonly<Record<string, { readonly enabled?: boolean } | undefined>>;
  const enabled = (part: string, byProfile: boolean): boolean => parts[part]?.enabled ?? byProfile;
  if (enabled('ztunnel', false)) throw new Refusal('generate config: this stand-in has no ztunnel');
  const pilot = enabled('pilot', profile !== 'empty');
  if (pilot !== enabled('base', profile !== 'empty'))
    throw new Refusal('generate config: this stand-in has base and pilot together, or neither');
  return { pilot, cni: enabled('cni', false) };
}

/** A file: `-f` is read as a line of CSV, so that a path may stand in quotes. */
function readFile(field: string): { spec: Tree; name: string | undefined } {
  const path = field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new Refusal(`generate config: merge inputs: open ${path}: no such file or directory`);
  }
  const document = parse(text) as {
    apiVersion?: string;
    kind?: string;
    metadata?: { name?: string };
    spec?: Tree;
  } | null;
  if (document?.kind !== 'IstioOperator' || document.apiVersion !== 'install.istio.io/v1alpha1') {
    throw new Refusal(`generate config: ${path} is no IstioOperator of install.istio.io/v1alpha1`);
  }
  return { spec: document.spec ?? {}, name: document.metadata?.name };
}

/** `values.global.hub=x` as a tree. Lists are not understood here. */
function readSet(line: string): Tree {
  const at = line.indexOf('=');
  const path = line.slice(0, at);
  if (at < 1 || path.includes('[')) throw new Refusal(`generate config: --set ${line}: not understood`);
  const value = line.slice(at + 1);
  const typed: unknown = /^(true|false|-?\d+)$/.test(value) ? JSON.parse(value) : value;
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), typed) as Tree;
}

function refuseUnknown(tree: Tree, schema: Tree, where: string): void {
  for (const [key, value] of Object.entries(tree)) {
    const known = schema[key];
    if (known === undefined) {
      throw new Refusal(`generate config: could not unmarshal: unknown field "${key}" in ${where}`);
    }
    if (isTree(known)) {
      if (!isTree(value)) throw new Refusal(`generate config: ${where}.${key} is no map`);
      refuseUnknown(value, known, `${where}.${key}`);
    }
  }
}
