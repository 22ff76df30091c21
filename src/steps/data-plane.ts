import type { View } from '../decide/upgrade.ts';
import { ownerKey } from '../istio/moves.ts';
import { onSide } from '../istio/side.ts';
import type { Context } from './context.ts';
import { choiceInWords } from '../istio/choice.ts';
import type { Mesh } from '../istio/mesh.ts';
import type { ProxyStatusAnswer } from '../istioctl/proxy-status.ts';
import type { Unreadable } from '../istioctl/reading.ts';
import type { NamespaceReport } from '../report/report.ts';

/**
 * Counts the data plane by namespace into the report. What istiod itself leaves without a proxy (M27) is none of it.
 *
 * @param asked the side whose istiods were asked, and what they said; without it nothing is said about sync
 */
export function describeDataPlane(
  { report, upgrade }: Pick<Context, 'report' | 'upgrade'>,
  { mesh, before }: Pick<View, 'mesh' | 'before'>,
  asked?: { readonly side: 'from' | 'to'; readonly status: ProxyStatusAnswer | Unreadable },
): void {
  const status = asked?.status;
  const rows = new Map<string, { current: number; target: number; other: number; notInSync: number }>();
  const synced = new Set(
    status?.readable === true
      ? status.proxies
          .filter(({ sync }) => sync === 'synced')
          .map(({ namespace, name }) => `${namespace}/${name}`)
      : [],
  );
  const [left, there] = [onSide(upgrade, 'from'), onSide(upgrade, 'to')];
  const isAsked = asked === undefined ? () => false : onSide(upgrade, asked.side);
  const counted = mesh.pods.filter(
    (pod) => !pod.terminating && !(pod.revision === undefined && before.declined.has(ownerKey(pod))),
  );
  for (const pod of counted) {
    const row = rows.get(pod.namespace) ?? { current: 0, target: 0, other: 0, notInSync: 0 };
    rows.set(pod.namespace, row);
    if (isAsked(pod) && !synced.has(`${pod.namespace}/${pod.name}`)) row.notInSync++;
    if (there(pod)) row.target++;
    else if (left(pod)) row.current++;
    else row.other++;
  }
  report.namespaces = [...rows]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([namespace, { notInSync, ...counts }]): NamespaceReport => ({
      namespace,
      ...choiceOf(mesh, namespace),
      ...counts,
      ...(status?.readable === true ? { notInSync } : {}),
    }));
  if (status?.readable === true) {
    report.proxiesBehind = counted.filter(
      (pod) => !isAsked(pod) || !synced.has(`${pod.namespace}/${pod.name}`),
    ).length;
  } else delete report.proxiesBehind;
}

function choiceOf(mesh: Mesh, name: string): Pick<NamespaceReport, 'choice'> {
  const found = mesh.namespaces.find((namespace) => namespace.name === name);
  return found === undefined ? {} : { choice: choiceInWords(mesh, found) };
}
