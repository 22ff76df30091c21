import type { Finding } from '../finding.ts';
import { nameOfGateway } from '../istio/api-gateway.ts';
import { dialectOfText } from '../istio/dialect.ts';
import { nameOf } from '../istio/mesh.ts';
import type { Check, CheckView } from './check.ts';

/** Until 1.7 a gateway of istioctl's does not say whose it is: nothing would show what it is of, and whether it follows. */
export const oldInstalledGateways: Check = ({ mesh, upgrade: { from, to } }) => {
  const told = [from, to].every(({ version }) => dialectOfText(version)?.labelsGateways !== false);
  return told ? [] : mesh.installedGateways.map((gateway) => notSupported(nameOf(gateway), '1.8'));
};

/** Those of the Gateway API were alpha before there was a default that moves, and went by it. */
export function oldApiGateways({ mesh }: Pick<CheckView, 'mesh'>): Finding[] {
  return mesh.apiGateways.map((gateway) => notSupported(nameOfGateway(gateway), '1.12'));
}

function notSupported(object: string, since: string): Finding {
  return {
    id: 'old-gateway-not-supported',
    severity: 'error',
    object,
    message: `gateways of this kind are moved from ${since} on; this upgrade begins or ends below`,
    remedy: `Upgrade this mesh by hand up to ${since}, as the documents of its release say, or take the gateway out of it first.`,
  };
}
