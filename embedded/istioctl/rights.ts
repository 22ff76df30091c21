import type { Item } from './client.ts';
import type { Config } from './config.ts';
import { type Traits, installedLabels } from './labels.ts';
import { hasOwnRights, isLater } from './releases.ts';
import { istiodName } from './webhooks.ts';

type Labels = Readonly<Record<string, string>>;

const RBAC = 'rbac.authorization.k8s.io';
const READER = 'istio-reader-service-account';

/** Accounts and roles: what all control planes share, and what is of one. */
interface Rights {
  /** istiod's account. */
  readonly account: string;
  readonly base: readonly Item[];
  readonly pilot: readonly Item[];
}

/** Until 1.10 istiod's account and roles are the base's, one for all control planes; since then each has its own. */
export function rights(config: Config, version: string): Rights {
  const { namespace } = config;
  const own = hasOwnRights(version);
  const labels = (traits: Partial<Traits>): Labels =>
    installedLabels(config, version, {
      chart: own ? 'istiod' : 'base',
      component: own ? 'Pilot' : 'Base',
      name: 'istiod',
      ...traits,
    });
  const suffix = config.revision === '' ? '' : `-${config.revision}`;
  const name = istiodName(config);
  const account = own ? name : 'istiod-service-account';
  const role = own ? name : `istiod-${namespace}`;
  const istiod = labels({ app: 'istiod' });
  const readers = labels({ app: 'istio-reader', name: 'istio-reader' });
  const at = (named: string): { name: string; namespace: string } => ({ name: named, namespace });
  const items: Item[] = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...at(account), labels: istiod } },
    ...(own
      ? [
          ...clusterRole(`istio-reader-clusterrole${suffix}-${namespace}`, readers, at(READER)),
          ...clusterRole(`istiod-clusterrole${suffix}-${namespace}`, istiod, at(account)),
          ...(isLater(version)
            ? []
            : clusterRole(`istiod-gateway-controller${suffix}-${namespace}`, istiod, at(account))),
        ]
      : [
          ...clusterRole(`istio-reader-${namespace}`, readers, at(READER)),
          ...clusterRole(`istiod-${namespace}`, istiod, at(account)),
        ]),
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'Role',
      metadata: { ...at(role), labels: istiod },
      rules: [
        { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'get', 'watch', 'list', 'update'] },
      ],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: { ...at(role), labels: istiod },
      roleRef: { apiGroup: RBAC, kind: 'Role', name: role },
      subjects: [{ kind: 'ServiceAccount', ...at(account) }],
    },
  ];
  const reader: Item = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      ...at(READER),
      labels: labels({ app: 'istio-reader', name: 'istio-reader', chart: 'base', component: 'Base' }),
    },
  };
  return { account, base: [reader, ...(own ? [] : items)], pilot: own ? items : [] };
}

/** A ClusterRole, and its binding to a service account. What it allows is not used here. */
function clusterRole(name: string, labels: Labels, account: { name: string; namespace: string }): Item[] {
  return [
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name, labels },
      rules: [
        { apiGroups: [''], resources: ['namespaces', 'pods', 'services'], verbs: ['get', 'list', 'watch'] },
      ],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name, labels },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
  ];
}
