import type { Finding } from '../finding.ts';
import { askingPods } from '../istio/asking-pods.ts';
import { gatewaysToStay } from '../istio/installed-gateway.ts';
import { lasting, leavingNamespaces } from '../istio/lasting.ts';
import { nameOf } from '../istio/mesh.ts';
import { ownerKey } from '../istio/moves.ts';
import { namedByOthers } from '../istio/removal.ts';
import { onSide } from '../istio/side.ts';
import { capped } from './capped.ts';
import type { Check } from './check.ts';

/**
 * What may stay behind, or was broken before and is left as it is, holds the control plane that it stays on: a removal
 * would wait for it, and then fail. So does what names it by itself, and who gets certificates from it. It is told before
 * anything is touched (promise 5), and by the promote before the removal, which somebody approves by it.
 */
export const removalStragglers: Check = ({ mesh, before, removal: { removeOld }, upgrade }) => {
  const severity: Finding['severity'] = removeOld ? 'error' : 'warning';
  const behind = onSide(upgrade, 'from');
  const leaving = leavingNamespaces(mesh);
  // A gateway that stays is told itself: a new pod would be of the same revision again.
  const staying = new Set(gatewaysToStay(mesh, upgrade.from.revision).map(nameOf));
  const held = capped(
    mesh.pods
      .filter((pod) => !pod.terminating && !leaving.has(pod.namespace) && behind(pod))
      .filter((pod) => !staying.has(ownerKey(pod)))
      .flatMap((pod) => {
        const broken = before.troubled.has(ownerKey(pod));
        if (!pod.accepted && !broken) return [];
        return {
          id: 'straggler-holds-removal',
          severity,
          object: `Pod ${pod.namespace}/${pod.name}`,
          message: `it ${broken ? 'belongs to a workload that was not healthy before, and is left as it was' : 'may stay behind (allow-stragglers)'}, and its proxy is of ${upgrade.from.revision}: that can't be removed as long as it runs`,
          remedy: `${removeOld ? 'Run promote without remove-old; once' : 'Once'} the ${broken ? 'workload is healthy, or' : 'pod is replaced or'} gone, run ${removeOld ? 'it' : 'promote'} with remove-old.`,
        } as const;
      }),
  );
  const { from, to } = upgrade;
  const told = (findings: readonly Finding[]): Finding[] =>
    capped(findings.map((finding) => ({ ...finding, severity })));
  return [
    ...told(namedByOthers(lasting(mesh), from.revision)),
    ...told(askingPods(mesh, from.revision, to.revision)),
    ...held,
  ];
};
