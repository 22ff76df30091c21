import { type Step, StepFailed } from '../engine/step.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import { istiodProblem } from './istiod-problem.ts';

/** The target control plane is ready to take the rest of the mesh. */
export const verifyPromotable: Step = {
  id: 'verify-target',
  title: 'See the target control plane ready',
  timeoutMs: 60_000,
  run: async (context, { mesh, upgrade: { to } }) => {
    const plane = planeOfRevision(mesh, to.revision);
    if (plane?.rollout.done === true && plane.rollout.desired > 0) {
      return `istiod ${to.version} (${to.revision}): ${String(plane.rollout.desired)} ready`;
    }
    const reason = await istiodProblem(context, to.revision);
    throw new StepFailed([
      {
        id: 'control-plane-not-ready',
        severity: 'error',
        object: `control plane ${to.revision}`,
        message: [plane?.rollout.message ?? 'is not there', reason].filter(Boolean).join('; '),
        remedy: 'Nothing more was moved. Remove the cause and run promote again, or run rollback.',
      },
    ]);
  },
};
