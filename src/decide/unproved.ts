import type { Finding } from '../finding.ts';
import { type ProxyVerdict, type Unseen, remedyOfUnseen } from '../istio/evidence.ts';
import type { Home } from '../istio/home.ts';
import { type MeshPod, nameOf } from '../istio/mesh.ts';
import { ownerKey } from '../istio/moves.ts';
import { isBehind } from '../istio/side.ts';
import { canaryScope } from '../istio/state.ts';
import type { View } from './upgrade.ts';

/**
 * What keeps a canary from being proved. It is judged by all that was moved, also by an earlier wave or by hand: what is
 * behind there gets on by a canary that names its namespace, and not by one more of the same (nothing to do for it).
 *
 * @param chosen the namespaces that canary was asked for; none in promote
 */
export function unprovedOf(
  verdict: ProxyVerdict,
  { mesh, record, upgrade }: Pick<View, 'mesh' | 'record' | 'upgrade'>,
  chosen: readonly string[],
): readonly Finding[] {
  if (verdict.kind === 'proved') return [];
  if (verdict.kind === 'unseen') return [canaryUnseen(mesh, upgrade.to.revision, verdict)];
  const isOld = isBehind(upgrade);
  const known = new Set(mesh.workloads.map(nameOf));
  const behind = new Map(
    mesh.pods
      .filter((pod) => known.has(ownerKey(pod)) && isOld(pod))
      .map((pod) => [nameOf({ ...pod, kind: 'Pod' }), pod]),
  );
  const moved = canaryScope(mesh, upgrade, record).namespaces;
  const missed = verdict.findings.flatMap(({ object = '' }) => {
    const { namespace = '' } = behind.get(object) ?? {};
    return moved.includes(namespace) ? namespace : [];
  });
  const names = [...new Set([...chosen, ...missed])].sort().join(', ');
  const remedyOf = ({ namespace, owner }: MeshPod): string =>
    moved.includes(namespace)
      ? `Run canary with canary-namespaces: ${names}. It restarts what is behind there.`
      : `Restart ${owner?.kind ?? 'it'} ${namespace}/${owner?.name ?? ''} by hand, then run the phase again.`;
  return verdict.findings.map((finding) => {
    const pod = behind.get(finding.object ?? '');
    const isMet = pod === undefined || finding.severity !== 'error';
    return isMet ? finding : { ...finding, remedy: remedyOf(pod) };
  });
}

function canaryUnseen(home: Home, revision: string, unseen: Unseen): Finding {
  return {
    id: 'proxies-not-seen',
    severity: 'error',
    message: `whether the canary works could not be seen: ${unseen.waiting}`,
    remedy: remedyOfUnseen(unseen, revision, home),
  };
}
