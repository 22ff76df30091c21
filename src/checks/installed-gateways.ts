import { type Finding, distinct } from '../finding.ts';
import {
  GATEWAY_INPUTS,
  gatewayNotInConfiguration,
  gatewaysNotRendered,
  renderedOf,
} from '../istio/gateway-configuration.ts';
import { gatewaysLose } from '../istio/gateway-loss.ts';
import { gatewaysToLeave } from '../istio/installed-gateway.ts';
import { imageVersion } from '../istio/proxy.ts';
import { sameRelease } from '../istio/version.ts';
import type { RenderedGateway } from '../istioctl/gateway-manifest.ts';
import type { Check } from './check.ts';

/**
 * The gateways that istioctl installed must come out of the configuration that was given: of the target's istioctl, or
 * promote could not move them, and of the current one's, or nothing could bring them back (H23, H42). Each of them gives
 * its own release: a tag that the configuration pins would make two of one.
 */
export const installedGateways: Check = ({
  mesh,
  phase,
  upgrade: { from, to },
  gateways,
  record,
  removal,
  asked,
}) => {
  const isBack = phase === 'rollback';
  const due = gatewaysToLeave(mesh, (isBack ? to : from).revision);
  if (due.length === 0) return [];
  // Rollback installs none of the target.
  const sides = [...(isBack ? [] : [[to, gateways?.to] as const]), [from, gateways?.from] as const];
  const findings = sides.flatMap(([{ version }, rendered]): Finding[] => {
    if (rendered === undefined) return [];
    if (!rendered.readable) return [gatewaysNotRendered(rendered.reason)];
    return due.flatMap((gateway): Finding[] => {
      const found = renderedOf(gateway, rendered.gateways);
      return found === undefined
        ? [gatewayNotInConfiguration(gateway, !isBack && !removal.removeOld)]
        : otherVersion(found, version);
    });
  });
  const [back, on, live] = [gateways?.from, gateways?.to, gateways?.live];
  const lost =
    back?.readable !== true || on?.readable !== true || live === undefined
      ? []
      : gatewaysLose(
          due,
          isBack
            ? { live, leaving: on.gateways, coming: back.gateways }
            : { live, leaving: back.gateways, coming: on.gateways },
          { istioNamespace: mesh.istioNamespace, versions: [from.version, to.version] },
          isBack
            ? {
                isOther:
                  record?.gateways !== undefined &&
                  ![gateways?.configuration, gateways?.before].includes(record.gateways),
                acknowledge: asked.acknowledge,
              }
            : undefined,
        );
  return [...distinct(findings), ...lost];
};

function otherVersion(rendered: RenderedGateway, version: string): Finding[] {
  const [image] = rendered.images.filter((name) => {
    const release = imageVersion(name);
    return release !== undefined && !sameRelease(release, version);
  });
  return image === undefined
    ? []
    : [
        {
          id: 'gateway-other-version',
          severity: 'error',
          object: `Deployment ${rendered.namespace}/${rendered.name}`,
          message: `istioctl ${version} renders this gateway with the image ${image}, as one of ${GATEWAY_INPUTS} pins it`,
          remedy: `Take the tag (tag, values.global.tag) and whole images out of ${GATEWAY_INPUTS}: each istioctl has those of its own release. A suffix of all tags is set by values.global.variant.`,
        },
      ];
}
