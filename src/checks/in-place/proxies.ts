import type { Finding } from '../../finding.ts';
import { isServing } from '../../istio/health.ts';
import { canHoldProxies } from '../../istio/held-proxy.ts';
import { type MeshPod, nameOf, planeOfRevision } from '../../istio/mesh.ts';
import { ownerKey, toReplace } from '../../istio/moves.ts';
import { covers } from '../../istio/scope.ts';
import { onSide } from '../../istio/side.ts';
import { goesDown, runs } from '../../istio/state-in-place.ts';
import { isOlder } from '../../istio/version.ts';
import { capped } from '../capped.ts';
import type { Check, CheckView } from '../check.ts';

/** Named in the input `acknowledge`, it lets istiod go down while there are proxies newer than it. */
export const NEWER_PROXIES = 'proxies-newer-than-control-plane';

/** As much of what checks read as these need: a run that ends has no more of it to tell whether rollback would begin. */
export type Seen = Pick<CheckView, 'mesh' | 'upgrade' | 'before' | 'phase'> & {
  readonly asked: Pick<CheckView['asked'], 'acknowledge'>;
};

/** In place only the version tells whether a proxy has moved: one whose image does not tell it could not be seen to. */
export const toldProxies: Check = ({ mesh, phase, upgrade: { scope } }) =>
  capped(
    mesh.pods
      .filter(
        ({ revision, version, terminating, accepted }) =>
          revision !== undefined && version === undefined && !terminating && !accepted,
      )
      .map((pod) => ({
        id: 'proxy-version-untold',
        severity: phase === 'canary' && !covers(scope, pod) ? 'warning' : 'error',
        object: `Pod ${pod.namespace}/${pod.name}`,
        message:
          'the image of its proxy does not tell its version, so that nothing shows whether it was upgraded',
        remedy: `Use a proxy image with a version tag, or strategy: revision. Or accept that it stays as it is: allow-stragglers: ${pod.namespace}/${pod.name}`,
      })),
  );

/**
 * Proxies newer than their istiod are not supported (H40), so a way down takes them back first, with an injector of the
 * newer release that gives out the older proxy. Where that istiod does not serve, or its template is not for that proxy
 * (1.6 and 1.5), they can't be: then there is a time in which they are newer, and that must be acknowledged.
 */
export const newerProxies = ({ mesh, upgrade, asked }: Seen): Finding[] => {
  const plane = planeOfRevision(mesh, upgrade.to.revision);
  if (goesDown(upgrade) || !runs(plane, upgrade.to.version)) return [];
  const serves = isServing(plane);
  if (serves && canHoldProxies(upgrade)) return [];
  const there = onSide(upgrade, 'to');
  const newer = mesh.pods.filter((pod) => there(pod) && !pod.terminating && !pod.accepted);
  if (newer.length === 0) return [];
  const acknowledged = asked.acknowledge.includes(NEWER_PROXIES);
  const finding: Finding = {
    id: 'proxies-newer-than-control-plane',
    severity: acknowledged ? 'warning' : 'error',
    message: `istiod ${upgrade.to.version} ${serves ? `can not give out proxies of ${upgrade.from.version}, which are told by arguments where istiod is` : 'does not serve'}, so ${String(newer.length)} proxies of ${upgrade.to.version} can't go back before it: until they are restarted they are newer than istiod ${upgrade.from.version}, which Istio does not support and which may lose traffic`,
    remedy: serves
      ? `Accept that time with acknowledge: ${NEWER_PROXIES}. Rollback puts istiod ${upgrade.from.version} back first, and restarts them at once.`
      : `Repair istiod ${upgrade.to.version} and run rollback again: then proxies go back first. Or accept that time with acknowledge: ${NEWER_PROXIES}`,
  };
  return [finding];
};

/**
 * What may stay where it is (`allow-stragglers`) is never restarted, and down on purpose what was broken before is not,
 * though some of its pods may serve: on a way down they stay newer than their istiod, and for longer than a restart takes.
 * Leave to stay is none for that (H40).
 */
export const stayNewer = ({ mesh, upgrade, before, phase, asked }: Seen): Finding[] => {
  const isRollback = phase === 'rollback';
  if (isRollback === goesDown(upgrade)) return [];
  const [newer, older] = isRollback ? (['to', 'from'] as const) : (['from', 'to'] as const);
  const there = onSide(upgrade, newer);
  const broken = new Set(toReplace(mesh, there, before, upgrade).troubled.map(nameOf));
  const acknowledged = asked.acknowledge.includes(NEWER_PROXIES);
  const anew = isRollback
    ? 'Run rollback without allow-stragglers: it ends where they are in its way, and from then on pods that are made anew get the older proxy. Delete them, and run it again.'
    : 'Once canary has begun, pods that are made anew get the older proxy: delete them before promote.';
  return capped(
    mesh.pods
      .filter(
        (pod) =>
          there(pod) &&
          isNewerThan(upgrade[older].version, pod) &&
          !pod.terminating &&
          (pod.accepted || (pod.ready && broken.has(ownerKey(pod)))),
      )
      .map((pod) => ({
        id: 'proxies-newer-than-control-plane',
        // Canary moves no istiod, and tells what promote will be refused for.
        severity: acknowledged || phase === 'canary' ? 'warning' : 'error',
        object: `Pod ${pod.namespace}/${pod.name}`,
        message: `${pod.accepted ? 'it may stay as it is (allow-stragglers)' : `${ownerKey(pod)} was broken before and is not restarted`}, and its proxy is of ${pod.version ?? upgrade[newer].version}: with istiod ${upgrade[older].version} it stays newer than its istiod, which Istio does not support and which may lose traffic`,
        remedy: `${pod.accepted ? anew : `Repair ${ownerKey(pod)}: then it is restarted.`} Or accept it with acknowledge: ${NEWER_PROXIES}`,
      })),
  );
};

/** What an earlier upgrade has left behind may be older than either side; one whose version nobody can tell may be newer. */
function isNewerThan(istiod: string, { version }: MeshPod): boolean {
  return version === undefined || isOlder(istiod, version);
}
