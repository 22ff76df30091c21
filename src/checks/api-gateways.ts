import type { Finding } from '../finding.ts';
import { type ApiGateway, nameOfGateway } from '../istio/api-gateway.ts';
import { gatewaysToPin } from '../istio/gateway-moves.ts';
import { LABEL_REVISION } from '../istio/names.ts';
import { isAtLeast, tryParseVersion } from '../istio/version.ts';
import { capped } from './capped.ts';
import type { Check, CheckView } from './check.ts';

/** The last minor release that is known to lack the fix of istio#59959. */
const FIXED_AFTER = '1.31';

/**
 * Gateways of the Kubernetes Gateway API move by their own label, which has to be ours to set, and exactly one istiod has to
 * make their workloads.
 */
export const apiGateways: Check = (view) =>
  [unclear(view), keptInGit(view), losing(view)].flatMap((findings) => capped(findings));

/** Nobody makes its workload, or two istiods do, in turn and without end. */
function unclear({ mesh, phase, upgrade: { from, to } }: CheckView): Finding[] {
  return (
    mesh.apiGateways
      .filter(({ claimedBy, terminating }) => !terminating && claimedBy.length !== 1)
      // Promote gives it to the target alone.
      .filter(({ claimedBy }) => phase !== 'promote' || claimedBy.length === 0)
      .map((gateway) => ({
        id: 'gateway-claim-unclear',
        severity: 'error',
        object: nameOfGateway(gateway),
        message:
          gateway.claimedBy.length === 0
            ? `no istiod makes its workload: the label ${LABEL_REVISION} that it follows leads to no control plane`
            : `${gateway.claimedBy.join(' and ')} both make its workload, and roll it in turn without end`,
        remedy: `Label it for one control plane: kubectl label gateways.gateway.networking.k8s.io ${gateway.name} -n ${gateway.namespace} --overwrite ${LABEL_REVISION}=${gateway.claimedBy.includes(to.revision) ? to.revision : from.revision}`,
      }))
  );
}

/** An error where this phase would have to set the label; canary tells what promote will ask for. */
function keptInGit({ mesh, phase, upgrade }: CheckView): Finding[] {
  const { from, to } = upgrade;
  const pinned = new Set(
    gatewaysToPin(mesh, { ...upgrade, withDefault: phase === 'promote' }).map(({ gateway }) => gateway),
  );
  return mesh.apiGateways.filter(isKept).flatMap((gateway): Finding[] => {
    const { git, claimedBy, terminating } = gateway;
    if (terminating || !claimedBy.includes(from.revision)) return [];
    const now = pinned.has(gateway) || phase === 'promote';
    return [
      {
        id: 'gateway-label-kept-in-git',
        severity: now ? 'error' : 'warning',
        object: nameOfGateway(gateway),
        message: `${git?.tool ?? 'Git'} keeps its label ${LABEL_REVISION}=${gateway.label ?? ''}, and would put it back`,
        remedy: `In Git, set it to ${to.revision} once canary has succeeded: istiod then moves this Gateway, and promote goes on.${pinned.has(gateway) && phase !== 'promote' ? ` Until then to ${from.revision}, as the tag that it names moves now.` : ''}`,
      },
    ];
  });
}

function isKept({ git }: ApiGateway): boolean {
  return git?.labels.includes(LABEL_REVISION) === true;
}

/** The istiod that a Gateway leaves takes its configuration from pods that still serve (H19, H20). Told, as nothing helps. */
function losing({ mesh, phase, upgrade: { from } }: CheckView): Finding[] {
  const version = tryParseVersion(from.version);
  if (phase === 'canary' || (version !== undefined && isAtLeast(version, FIXED_AFTER))) return [];
  return mesh.apiGateways
    .filter(({ claimedBy, deployment }) => deployment !== undefined && claimedBy.includes(from.revision))
    .map((gateway) => ({
      id: 'gateway-may-pause',
      severity: 'warning',
      object: nameOfGateway(gateway),
      message: `when promote moves it, istiod ${from.version} may take the configuration from its pods that still serve: it would answer nobody for the seconds until the new ones are ready (istio#59959)`,
      remedy:
        'Promote when little goes through it, or serve its users through another Gateway meanwhile. Gateways move one by one.',
    }));
}
