import type { Finding } from '../finding.ts';
import { nameOf } from '../istio/mesh.ts';
import { isOn, stuckBecause, toReplace } from '../istio/moves.ts';
import type { Check } from './check.ts';

/** So many objects of one kind of finding are named; the rest is counted. */
const NAMED = 10;

/** Workloads and pods that a restart does not move: said before, so that promote is no surprise (H28-H32). */
export const workloads: Check = ({ mesh, upgrade: { from } }) => {
  const stuck = mesh.workloads.flatMap((workload): Finding[] => {
    const reason = stuckBecause(workload);
    return reason === undefined
      ? []
      : [
          {
            id: 'workload-will-not-move',
            severity: 'warning',
            object: nameOf(workload),
            message: `a restart does not replace its pods: ${reason}`,
            remedy: 'Replace its pods by hand after canary or promote has moved its namespace.',
          },
        ];
  });
  const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet'];
  const unowned = toReplace(mesh, isOn(from.revision))
    .stragglers.filter(({ owner }) => owner === undefined || !workloadKinds.includes(owner.kind))
    .map(({ namespace, name, owner }): Finding => ({
      id: 'pod-will-not-move',
      severity: 'warning',
      object: `Pod ${namespace}/${name}`,
      message: `no workload that this Action may restart owns it (${owner === undefined ? 'no owner' : `${owner.kind} ${owner.name}`})`,
      remedy: 'It moves when its owner replaces it. The old control plane stays until then.',
    }));
  const bare = mesh.pods
    .filter(({ revision, terminating }) => revision === undefined && !terminating)
    .map(({ namespace, name, injectedBy }): Finding => ({
      id: 'pod-without-sidecar',
      severity: 'warning',
      object: `Pod ${namespace}/${name}`,
      message: `it has no sidecar although ${injectedBy.join(' and ')} would inject it now`,
      remedy:
        'It was born before its namespace was labelled, or while no injector answered. A restart gives it one.',
    }));
  return [stuck, unowned, bare].flatMap(capped);
};

function capped(findings: readonly Finding[]): Finding[] {
  const [first] = findings;
  if (first === undefined || findings.length <= NAMED) return [...findings];
  return [
    ...findings.slice(0, NAMED),
    {
      id: first.id,
      severity: first.severity,
      message: `and ${String(findings.length - NAMED)} more`,
      ...(first.remedy === undefined ? {} : { remedy: first.remedy }),
    },
  ];
}
