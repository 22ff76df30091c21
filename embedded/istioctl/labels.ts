import type { Item } from './client.ts';
import type { Config } from './config.ts';
import { isRewritten, knowsRevisions, labelsBase } from './releases.ts';

type Labels = Readonly<Record<string, string>>;

/** What tells the objects of an installation apart. */
export interface Traits {
  readonly app?: string;
  /** Label `app.kubernetes.io/name`; undefined for CRDs, which have none. */
  readonly name?: string;
  readonly chart: 'base' | 'istiod' | 'cni' | 'istio-ingress' | 'istio-egress';
  readonly component: 'Base' | 'Pilot' | 'Cni' | 'IngressGateways' | 'EgressGateways';
  /** Label `istio`. */
  readonly istio?: string;
  /** The charts name an owner themselves, `unknown`, on some of their objects. */
  readonly owned?: boolean;
}

/** The charts' own version, which on the testbed's builds is not the release's. */
const CHART_VERSION = '1.0.0';

const OWNER = 'install.operator.istio.io/owning-resource';

/** The labels that the charts give an object; until 1.23 they leave out those that Helm's charts usually have. */
export function chartLabels(
  { revision }: Config,
  version: string,
  { app, name, chart, component, istio, owned }: Traits,
): Labels {
  const usual = {
    'app.kubernetes.io/instance': 'istio',
    'app.kubernetes.io/managed-by': 'Helm',
    ...(name === undefined ? {} : { 'app.kubernetes.io/name': name }),
    'app.kubernetes.io/part-of': 'istio',
    'app.kubernetes.io/version': CHART_VERSION,
    'helm.sh/chart': `${chart}-${CHART_VERSION}`,
  };
  const named = component !== 'Base' || labelsBase(version);
  return {
    ...(app === undefined ? {} : { app }),
    ...(isRewritten(version) ? usual : {}),
    ...(owned === true ? { [OWNER]: 'unknown' } : {}),
    ...(istio === undefined ? {} : { istio }),
    ...(named && knowsRevisions(version) ? { 'istio.io/rev': revision === '' ? 'default' : revision } : {}),
    'operator.istio.io/component': component,
  };
}

/** The labels that an installed object has: the charts', and those by which istioctl knows its own. */
export function installedLabels(config: Config, version: string, traits: Traits): Labels {
  return {
    ...chartLabels(config, version, traits),
    ...(traits.name === undefined ? {} : { release: 'istio' }),
    ...ownerLabels(config, version),
  };
}

/** What istioctl adds to whatever it applies. */
export function ownerLabels(
  { name, namespace }: Pick<Config, 'name' | 'namespace'>,
  version: string,
): Labels {
  return {
    ...(knowsRevisions(version)
      ? { ...(name === 'unknown' ? {} : { [OWNER]: name }), [`${OWNER}-namespace`]: namespace }
      : {}),
    'operator.istio.io/managed': 'Reconcile',
    'operator.istio.io/version': version,
  };
}

/** An object as `manifest generate` prints it: without what is added when it is installed. */
export function asRendered(item: Item): Item {
  const added = Object.keys(ownerLabels({ name: 'unknown', namespace: '' }, '1.6.0'));
  const labels = Object.entries(item.metadata.labels ?? {}).filter(([key]) => !added.includes(key));
  return { ...item, metadata: { ...item.metadata, labels: Object.fromEntries(labels) } };
}

/** Marks what uninstalling another revision must not take; that of its own takes it all the same. */
export const NOT_PRUNED: Labels = { [`${OWNER}-not-pruned`]: 'true' };

/** Labels without those by which istioctl knows its own: what a user's tag has, so that no uninstall takes it. */
export function withoutOwner(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !key.includes('operator.istio.io')));
}
