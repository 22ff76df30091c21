import { type Step, StepFailed } from '../engine/step.ts';
import type { Finding } from '../finding.ts';
import { type ControlPlane, planeOfRevision } from '../istio/mesh.ts';
import type { Release } from '../record/record.ts';
import { istiodProblem } from './istiod-problem.ts';

/** Both control planes stand side by side: Deployment of the right version and ready, Service, injector. */
export const verifyControlPlanes: Step = {
  id: 'verify-control-planes',
  title: 'See both control planes side by side',
  timeoutMs: 60_000,
  run: async (context, { mesh }) => {
    const { from, to } = context.upgrade;
    const findings = [from, to].flatMap((release) => flaws(release, planeOfRevision(mesh, release.revision)));
    if (findings.length > 0) {
      const reason = await istiodProblem(context, to.revision);
      throw new StepFailed(
        findings.map((finding) => ({
          ...finding,
          message: reason === undefined ? finding.message : `${finding.message} (${reason})`,
        })),
      );
    }
    return `istiod ${from.version} (${from.revision}) and ${to.version} (${to.revision}) are ready`;
  },
};

function flaws({ revision, version }: Release, plane: ControlPlane | undefined): Finding[] {
  const flaw = (message: string): Finding => ({
    id: 'control-plane-not-ready',
    severity: 'error',
    object: `control plane ${revision}`,
    message,
    remedy: 'Remove the cause and run the phase again, or run rollback.',
  });
  if (plane === undefined) return [flaw('is not there')];
  return [
    ...(plane.version === version
      ? []
      : [flaw(`is of version ${plane.version ?? 'unknown'}, not ${version}`)]),
    ...(plane.rollout.done ? [] : [flaw(`is not ready: ${plane.rollout.message}`)]),
    ...(plane.rollout.desired > 0 ? [] : [flaw('is scaled to zero')]),
    ...(plane.service ? [] : [flaw('has no Service')]),
    ...(plane.injector === undefined ? [flaw('has no injector webhook')] : []),
  ];
}
