import { parse } from 'yaml';
import { asList, quantity, text } from './content.ts';
import { isGatewayComponent } from './gateway.ts';
import { LABEL_COMPONENT } from './names.ts';

/** What a control plane is configured by, key by key, each value as a text. */
export type Settings = ReadonlyMap<string, string>;

/** An object as YAML or the API server gives it. */
type Tree = Readonly<Record<string, unknown>>;

/**
 * The settings that installing a control plane in place would write over: mesh configuration, the injector's values and
 * templates, istiod's environment, arguments, resources and placement, and the ports of gateways that istioctl installs
 * (H52, H53). The same for rendered objects and for live ones; whatever else is among them is passed over.
 *
 * Images and what follows from the version by itself are no settings.
 */
export function settingsOf(objects: readonly unknown[]): Settings {
  const settings = new Map<string, string>();
  for (const object of objects.map(treeOf)) {
    const name = text(treeOf(object.metadata).name);
    const data = treeOf(object.data);
    if (object.kind === 'ConfigMap' && name === 'istio') {
      flatten('meshConfig', read(data.mesh), settings);
      flatten('meshNetworks', treeOf(read(data.meshNetworks)).networks, settings);
    }
    if (object.kind === 'ConfigMap' && name === 'istio-sidecar-injector') {
      flatten('values', read(data.values), settings);
      if (data.config !== undefined) settings.set('injector.config', text(data.config));
    }
    if (object.kind === 'Deployment' && name === 'istiod') istiodInto(treeOf(object.spec), settings);
    if (object.kind === 'Service' && isGateway(object)) portsInto(`gateways.${name}`, object, settings);
  }
  for (const key of OF_THE_VERSION) settings.delete(key);
  return settings;
}

/** They differ from release to release, or while proxies are held back. */
const OF_THE_VERSION = [
  'values.global.tag',
  'values.global.proxy.image',
  'values.global.proxy_init.image',
  'meshConfig.defaultConfig.image.imageType',
];

function istiodInto(spec: Tree, settings: Map<string, string>): void {
  const pod = treeOf(treeOf(spec.template).spec);
  const container = asList(pod.containers)
    .map(treeOf)
    .find(({ name }) => name === 'discovery');
  for (const { name, value, valueFrom } of asList(container?.env).map(treeOf))
    if (valueFrom === undefined) settings.set(`env.${text(name)}`, text(value));
  for (const argument of asList(container?.args)) settings.set(`args.${text(argument)}`, 'set');
  const { limits, requests } = treeOf(container?.resources);
  for (const [name, amount] of Object.entries(treeOf(limits)))
    settings.set(`resources.limits.${name}`, quantity(amount));
  for (const [name, amount] of Object.entries(treeOf(requests)))
    settings.set(`resources.requests.${name}`, quantity(amount));
  flatten('nodeSelector', pod.nodeSelector, settings);
  flatten('tolerations', pod.tolerations, settings);
  if (pod.priorityClassName !== undefined) settings.set('priorityClassName', text(pod.priorityClassName));
}

function portsInto(prefix: string, object: Tree, settings: Map<string, string>): void {
  for (const { port, targetPort, name } of asList(treeOf(object.spec).ports).map(treeOf))
    settings.set(`${prefix}.ports.${text(port)}`, `${text(name)} to ${text(targetPort ?? port)}`);
}

function isGateway(object: Tree): boolean {
  return isGatewayComponent(treeOf(treeOf(object.metadata).labels)[LABEL_COMPONENT]);
}

function flatten(path: string, value: unknown, settings: Map<string, string>): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) {
    if (value.length > 0) settings.set(path, JSON.stringify(value));
    return;
  }
  if (typeof value !== 'object') {
    settings.set(path, text(value));
    return;
  }
  for (const [key, below] of Object.entries(value)) flatten(`${path}.${key}`, below, settings);
}

/** YAML, of which JSON is a part; what can't be read is one text. */
function read(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  try {
    return parse(value, { logLevel: 'error' });
  } catch {
    return value;
  }
}

function treeOf(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}
