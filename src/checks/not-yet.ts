import type { Finding } from '../finding.ts';
import { type Mesh, nameOf } from '../istio/mesh.ts';
import { type UnmovedKind, notMoved } from '../istio/unmoved-gateway.ts';
import type { Check } from './check.ts';

/** What the phases can't move yet: refused before anything is touched, never left for promote to find. */
export const notYet: Check = ({ mesh }) => [
  ...mesh.gateways.map((object) => notMoved(object, kindOf(mesh, object))),
  ...ambientNotYet(mesh),
];

/** Undefined for a Deployment that was rendered whole; one of a Gateway's is of whatever kind that is. */
function kindOf({ unmoved = {}, workloads }: Mesh, object: string): UnmovedKind | undefined {
  const made = workloads.find((workload) => nameOf(workload) === object)?.gateway === 'gateway-api';
  return unmoved[object] ?? (made || object.startsWith('Gateway ') ? 'other' : undefined);
}

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
