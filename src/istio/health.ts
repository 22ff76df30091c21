import type { ControlPlane } from './mesh.ts';
import { isHealthy } from './rollout.ts';

/**
 * What keeps a control plane from serving, one reason each; none for one that is ready, with the Service and the injector
 * by which it is reached. The one definition: checks, steps, state and advice go by it.
 */
export function flawsOf(plane: ControlPlane | undefined): string[] {
  if (plane === undefined) return ['is not there'];
  return [...(isHealthy(plane.rollout) ? [] : [`is not ready: ${plane.rollout.message}`]), ...lacksOf(plane)];
}

/**
 * The same of one that workloads have to go back to: a replica that serves is enough for that. What it still waits for, such as
 * room on the nodes, may be taken by the very pods that are to go.
 */
export function flawsAsDestination(plane: ControlPlane | undefined): string[] {
  return plane !== undefined && plane.rollout.available > 0 ? lacksOf(plane) : flawsOf(plane);
}

function lacksOf({ rollout, service, injector }: ControlPlane): string[] {
  return [
    ...(rollout.desired > 0 ? [] : ['is scaled to zero']),
    ...(service ? [] : ['has no Service']),
    ...(injector === undefined ? ['has no injector webhook'] : []),
  ];
}

/** Whether a control plane can take workloads. */
export function isServing(plane: ControlPlane | undefined): plane is ControlPlane {
  return flawsOf(plane).length === 0;
}
