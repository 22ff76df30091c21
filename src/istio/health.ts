import type { ControlPlane } from './mesh.ts';
import { isHealthy } from './rollout.ts';

/**
 * What keeps a control plane from serving, one reason each; none for one that is ready, with the Service and the injector
 * by which it is reached. The one definition: checks, steps, state and advice go by it.
 */
export function flawsOf(plane: ControlPlane | undefined): string[] {
  if (plane === undefined) return ['is not there'];
  return [
    ...(isHealthy(plane.rollout) ? [] : [`is not ready: ${plane.rollout.message}`]),
    ...(plane.rollout.desired > 0 ? [] : ['is scaled to zero']),
    ...(plane.service ? [] : ['has no Service']),
    ...(plane.injector === undefined ? ['has no injector webhook'] : []),
  ];
}

/** Whether a control plane can take workloads. */
export function isServing(plane: ControlPlane | undefined): plane is ControlPlane {
  return flawsOf(plane).length === 0;
}
