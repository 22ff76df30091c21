import type { Kind } from '../cluster/resource.ts';
import type { Inputs } from '../inputs.ts';
import { LABEL_REVISION } from '../istio/names.ts';
import { suffixOf } from '../istio/revision.ts';
import { type LiveSettings, type Naming, liveSettingsOf } from '../istio/settings.ts';
import type { Session } from './session.ts';

/** What an installation is made of, as far as a precheck may list it. */
const SEEN_BY_ALL = [
  'ConfigMap',
  'Deployment',
  'Service',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
] as const;
/** And who installs. */
const SEEN_BY_INSTALLERS = [
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ClusterRole',
  'ClusterRoleBinding',
] as const;

type Compared = (typeof SEEN_BY_ALL)[number] | (typeof SEEN_BY_INSTALLERS)[number];

const CLUSTER_WIDE: readonly Kind[] = ['ClusterRole', 'ClusterRoleBinding'];
/** Those of which only two are of interest, and others are many. */
const CONFIG_MAPS = ['istio', 'istio-sidecar-injector'];

/** The kinds that a phase compares. Webhooks are not among them: istiod and the default tag write in them. */
export function comparedKinds(phase: Inputs['phase']): readonly Compared[] {
  return phase === 'precheck' ? SEEN_BY_ALL : [...SEEN_BY_ALL, ...SEEN_BY_INSTALLERS];
}

/**
 * Reads what one control plane is on the cluster.
 *
 * @param namespaces where its objects are
 * @throws what reading the cluster throws
 */
export async function liveSettings(
  { reader, inputs: { istioNamespace } }: Session,
  revision: string,
  namespaces: readonly string[],
  naming: Naming,
): Promise<LiveSettings> {
  const suffix = suffixOf(revision);
  const live: object[] = [];
  for (const kind of naming.kinds as readonly Compared[]) {
    if (kind === 'ConfigMap') {
      for (const name of CONFIG_MAPS) {
        const found = await reader.get(kind, `${name}${suffix}`, istioNamespace);
        if (found !== undefined) live.push({ ...found, kind });
      }
      continue;
    }
    for (const where of CLUSTER_WIDE.includes(kind) ? [{}] : namespaces.map((namespace) => ({ namespace })))
      for await (const item of reader.list(kind, where)) {
        const of = item.metadata.labels?.[LABEL_REVISION];
        if (of === undefined || of === revision) live.push({ ...item, kind });
      }
  }
  return liveSettingsOf(live, naming);
}
