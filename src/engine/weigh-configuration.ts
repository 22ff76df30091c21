import { capped, cappedBySeverity } from '../checks/capped.ts';
import { unlessForbidden } from '../cluster/unless-forbidden.ts';
import { GONE } from '../decide/sides.ts';
import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { type BoundObject, boundConfiguration } from '../istio/bound-configuration.ts';
import {
  CONFIGURATION_KINDS,
  type ConfigurationKind,
  ROUTES,
  resourceOf,
} from '../istio/configuration-kinds.ts';
import { exposedIstiod, routeOf } from '../istio/exposed-istiod.ts';
import { treeOf } from '../istio/leaves.ts';
import { meshConfigName, meshConfigOf } from '../istio/mesh-config.ts';
import { LABEL_MANAGED, LABEL_REVISION } from '../istio/names.ts';
import { placesOfOthers } from '../istio/other-meshes.ts';
import { reachOf } from '../istio/reach.ts';
import { isInPlace } from '../istio/side.ts';
import { taskOf } from '../phases/permissions.ts';
import type { Session } from './session.ts';
import { isThrough } from './through.ts';

/**
 * Looks through Istio's own objects for what moved proxies lose: configuration that the old istiod alone reads; and in
 * promote for routes that lead to the istiod which is, or will be, removed. What this credential may not list is told, and
 * stops nothing: a role of before has no such right.
 *
 * @throws what reading the cluster throws
 */
export async function weighConfiguration(session: Session, view: View): Promise<Finding[]> {
  const { reader, inputs } = session;
  const { mesh, upgrade } = view;
  const { phase, removeOld, istioNamespace, acknowledge } = inputs;
  if (phase === 'rollback' || isInPlace(upgrade) || upgrade.from === GONE) return [];
  // Who is through has nothing to lose any more, and what nobody asks to remove is not in anybody's way.
  if (phase === 'promote' && !removeOld && isThrough(view)) return [];
  const [from, to] = [upgrade.from.revision, upgrade.to.revision];
  // What istioctl itself installed for a revision comes and goes with it.
  const bound = await listed(
    reader,
    CONFIGURATION_KINDS,
    boundObjectOf,
    `${LABEL_REVISION}=${from},!${LABEL_MANAGED}`,
  );
  const routes = phase === 'promote' ? await listed(reader, ROUTES, routeOf) : NOTHING;
  const moves = {
    from,
    to,
    root: bound.found.length === 0 ? istioNamespace : await rootNamespace(session, from),
    ...reachOf(
      mesh,
      upgrade,
      phase === 'canary' ? upgrade.scope : undefined,
      inputs.gateways === 'with-install',
    ),
    removes: phase === 'promote' && removeOld,
    others: placesOfOthers(mesh),
  };
  const lost = boundConfiguration(bound.found, moves, acknowledge);
  return [
    ...cappedBySeverity(lost),
    ...capped(exposedIstiod(routes.found, { istioNamespace, from, to }, removeOld ? 'error' : 'warning')),
    ...notSeen(bound.unseen, from, taskOf(inputs)),
  ];
}

/** Objects that were listed, and kinds that may not be. */
interface Listed<T> {
  readonly found: readonly T[];
  readonly unseen: readonly ConfigurationKind[];
}

const NOTHING: Listed<never> = { found: [], unseen: [] };

/** One list of each kind that the cluster serves. */
async function listed<T>(
  reader: Session['reader'],
  kinds: readonly ConfigurationKind[],
  read: (kind: ConfigurationKind, item: unknown) => T,
  labelSelector?: string,
): Promise<Listed<T>> {
  const groups = [...new Set(kinds.map(({ group }) => group))];
  const served = new Map(
    await Promise.all(
      groups.map(async (group) => [group, await unlessForbidden(reader.served(group))] as const),
    ),
  );
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const versions = served.get(kind.group);
      const version = versions?.get(kind.plural);
      // What the server has said that it does not serve.
      if (versions !== undefined && version === undefined) return { kind, items: [] };
      const items = version === undefined ? undefined : await unlessForbidden(allOf(kind, version));
      return { kind, items };
    }),
  );
  return {
    found: lists.flatMap(({ items = [] }) => items),
    unseen: lists.filter(({ items }) => items === undefined).map(({ kind }) => kind),
  };

  async function allOf(kind: ConfigurationKind, version: string): Promise<T[]> {
    const all = new Map<string, T>();
    const options = labelSelector === undefined ? {} : { labelSelector };
    for await (const item of reader.custom(kind.group, version, kind.plural, options)) {
      const { namespace, name } = treeOf(treeOf(item).metadata);
      all.set(`${String(namespace)}/${String(name)}`, read(kind, item));
    }
    return [...all.values()];
  }
}

function boundObjectOf(of: ConfigurationKind, item: unknown): BoundObject {
  const { namespace, name } = treeOf(treeOf(item).metadata);
  return { of, namespace: typeof namespace === 'string' ? namespace : undefined, name: String(name) };
}

async function rootNamespace({ reader, inputs }: Session, revision: string): Promise<string> {
  const config = await reader.get('ConfigMap', meshConfigName(revision), inputs.istioNamespace);
  const { rootNamespace: root } = meshConfigOf(config?.data?.mesh);
  return typeof root === 'string' && root !== '' ? root : inputs.istioNamespace;
}

function notSeen(kinds: readonly ConfigurationKind[], from: string, task: string): Finding[] {
  if (kinds.length === 0) return [];
  const names = kinds.map(resourceOf).join(',');
  return [
    {
      id: 'configuration-not-seen',
      severity: 'warning',
      message: `this credential may not list ${kinds.map(resourceOf).join(', ')}: whether one of them is read by istiod of ${from} alone (label ${LABEL_REVISION}), so that proxies lose it when they move, or leads to that istiod, was not seen`,
      remedy: `Look with another credential: kubectl get ${names} -A -l ${LABEL_REVISION}=${from} should find none but what istioctl has installed. Or grant roles/${task}.yaml as it is now.`,
    },
  ];
}
