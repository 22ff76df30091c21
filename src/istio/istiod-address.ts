import type { Finding } from '../finding.ts';
import type { Phase } from '../outcome.ts';
import { treeOf } from './leaves.ts';
import { type ControlPlane, type Mesh, planeOfRevision } from './mesh.ts';
import { meshConfigOf } from './mesh-config.ts';
import { istiodName } from './revision.ts';
import { readYaml } from './rendered-images.ts';
import { serviceOf } from './service-host.ts';
import type { Sides } from './side.ts';

/** Where a control plane's proxies are led to by a key of its configuration. */
export interface IstiodAddress {
  readonly key: string;
  readonly address: string;
  /** What they ask there. */
  readonly asks: 'certificates' | 'configuration';
}

/**
 * Reads where a control plane's proxies are led to: from `data.mesh` of its mesh configuration, and `data.values` of its
 * injector. The charts write the discovery address from `remotePilotAddress` where there is one; proxyMetadata becomes the
 * environment (istio-discovery, files/injection-template.yaml, templates/configmap.yaml).
 */
export function addressesIn(mesh: unknown, values: unknown): IstiodAddress[] {
  const { discoveryAddress, proxyMetadata } = treeOf(meshConfigOf(mesh).defaultConfig);
  const { caAddress, remotePilotAddress = '' } = treeOf(treeOf(readYaml(values)).global);
  const discovery =
    remotePilotAddress === ''
      ? 'meshConfig.defaultConfig.discoveryAddress'
      : 'values.global.remotePilotAddress';
  const told = [
    [CA_ADDRESS, caAddress, 'certificates'],
    ['meshConfig.defaultConfig.proxyMetadata.CA_ADDR', treeOf(proxyMetadata).CA_ADDR, 'certificates'],
    [discovery, discoveryAddress, 'configuration'],
  ] as const;
  return told.flatMap(([key, address, asks]) => (typeof address === 'string' ? { key, address, asks } : []));
}

/** Where the address of who signs is set; without it the charts fill in the revision's own istiod. */
export const CA_ADDRESS = 'values.global.caAddress';

/** Whether an address is that of a revision's istiod, in any form that a resolver takes. */
export function leadsTo(address: string, revision: string, istioNamespace: string): boolean {
  const host = address.replace(/:\d+$/, '');
  return serviceOf(host, istioNamespace) === `${istiodName(revision)}.${istioNamespace}`;
}

/**
 * Addresses of the target that lead its proxies to the istiod of another control plane of the mesh. Certificates they get
 * there unseen, connected to their own and in sync, until that istiod is removed; of their configuration none is connected
 * to the target. What is no istiod of the mesh, such as a CA of its own, may be whatever it is.
 *
 * @param moves whether the phase moves or removes something; else it is told of, and stops nothing
 */
export function ledElsewhere(
  addresses: readonly IstiodAddress[],
  mesh: Pick<Mesh, 'planes' | 'istioNamespace'>,
  { to }: Sides,
  { phase, moves }: { readonly phase: Phase; readonly moves: boolean },
): Finding[] {
  const others = mesh.planes.filter(({ revision }) => revision !== to.revision);
  return addresses.flatMap(({ key, address, asks }): Finding[] => {
    const other = others.find(({ revision }) => leadsTo(address, revision, mesh.istioNamespace));
    if (other === undefined) return [];
    const service = `Service ${mesh.istioNamespace}/${istiodName(other.revision)}, which is of ${nameOf(other)}`;
    const lost =
      asks === 'certificates'
        ? `proxies of ${to.revision} get their certificates from ${service}: once that is removed, they get none`
        : `proxies of ${to.revision} connect to ${service}, and none to istiod of ${to.revision}`;
    return [
      {
        id: 'address-of-other-istiod',
        severity: moves ? 'error' : 'warning',
        object: key,
        message: `by it, ${lost}${moves ? '' : '. Promote with remove-old would be refused'}`,
        remedy:
          phase === 'promote'
            ? `Install ${to.revision} again without it (with its own istioctl, and config and set of canary), restart what is on it, and run ${moves ? 'promote again' : 'promote with remove-old then'}.`
            : `Take it out of config and set: istioctl fills in the address of ${istiodName(to.revision)}.${planeOfRevision(mesh, to.revision) === undefined ? '' : ` Where the target has it already, name ${key} in acknowledge, and restart what is on it.`}`,
      },
    ];
  });
}

function nameOf({ revision, version }: ControlPlane): string {
  return version === undefined ? revision : `${revision} (${version})`;
}
