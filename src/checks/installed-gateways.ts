import type { Finding } from '../finding.ts';
import {
  gatewayNotInConfiguration,
  gatewaysNotRendered,
  renderedOf,
} from '../istio/gateway-configuration.ts';
import { gatewaysOf } from '../istio/installed-gateway.ts';
import { nameOf } from '../istio/mesh.ts';
import type { Check } from './check.ts';

/**
 * The gateways that istioctl installed must come out of the configuration that was given: of the target's istioctl, or
 * promote could not move them, and of the current one's, or nothing could bring them back (H23, H42).
 */
export const installedGateways: Check = ({ mesh, phase, upgrade: { from, to }, gateways }) => {
  const due = gatewaysOf(mesh, phase === 'rollback' ? to.revision : from.revision).filter(
    ({ accepted }) => !accepted,
  );
  if (due.length === 0) return [];
  const sides = [gateways?.to, gateways?.from].flatMap((rendered) => rendered ?? []);
  const findings = sides.flatMap((rendered) =>
    rendered.readable
      ? due
          .filter((gateway) => renderedOf(gateway, rendered.gateways) === undefined)
          .map(gatewayNotInConfiguration)
      : [gatewaysNotRendered(rendered.reason)],
  );
  const back = gateways?.from;
  const changed =
    back?.readable !== true || phase === 'rollback'
      ? []
      : due.flatMap((gateway): Finding[] => {
          const rendered = renderedOf(gateway, back.gateways);
          return rendered === undefined ||
            gateway.revision !== from.revision ||
            rendered.content === gateway.content
            ? []
            : [
                {
                  id: 'gateway-differs-from-configuration',
                  severity: 'warning',
                  object: nameOf(gateway),
                  message: `its containers are not as istioctl ${from.version} renders them from config and set: what was changed since its installation is lost when it moves, and a rollback does not bring it back`,
                  remedy:
                    'Give all phases the config and set with which it was installed, or write what was changed into them.',
                },
              ];
        });
  return [
    ...new Map(findings.map((finding) => [`${finding.id} ${finding.object ?? ''}`, finding])).values(),
    ...changed,
  ];
};
