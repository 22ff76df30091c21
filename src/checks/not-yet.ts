import type { Finding } from '../finding.ts';
import type { Mesh } from '../istio/mesh.ts';
import type { Check } from './check.ts';

/** What the phases can't move yet: refused before anything is touched, never left for promote to find. */
export const notYet: Check = ({ mesh }) => {
  const notYetFor = (id: string, object: string, message: string, remedy: string): Finding => ({
    id,
    severity: 'error',
    object,
    message,
    remedy,
  });
  return [
    ...mesh.gateways.map((gateway) =>
      notYetFor(
        'gateways-not-yet-moved',
        gateway,
        'a gateway of the mesh; this Action does not move gateways yet, and would leave it on the old control plane',
        'Upgrade this mesh by hand for now.',
      ),
    ),
    ...ambientNotYet(mesh),
  ];
};

/** A mesh in ambient mode, whatever the strategy. */
export function ambientNotYet({ shared }: Pick<Mesh, 'shared'>): Finding[] {
  return shared
    .filter(({ kind }) => kind === 'ztunnel')
    .map(({ object }) => ({
      id: 'ambient-not-yet-moved',
      severity: 'error',
      object,
      message: 'ztunnel: a mesh in ambient mode, which this Action does not upgrade yet',
      remedy: 'Upgrade this mesh by hand for now.',
    }));
}
