import type { Finding } from '../finding.ts';
import { flawsOf } from '../istio/health.ts';
import { type ControlPlane, planeOfRevision } from '../istio/mesh.ts';
import { sameRelease } from '../istio/version.ts';
import type { Release } from '../record/record.ts';
import { istiodProblem } from './istiod-problem.ts';
import { type Step, StepFailed } from './step.ts';

/**
 * The control planes of these sides are there: of the right version and ready, with Service and injector.
 *
 * @param sides both for a canary; promote needs the target alone
 */
export function verifyControlPlanes(...sides: readonly ('from' | 'to')[]): Step {
  return {
    id: 'verify-control-planes',
    title: sides.length > 1 ? 'See both control planes side by side' : 'See the target control plane ready',
    timeoutMs: 60_000,
    run: async (context, { mesh, upgrade }) => {
      const releases = sides.map((side) => upgrade[side]);
      const findings = releases.flatMap((release) =>
        toFindings(release, planeOfRevision(mesh, release.revision)),
      );
      if (findings.length > 0) {
        const reason = await istiodProblem(context, upgrade.to.revision);
        throw new StepFailed(
          findings.map((finding) => ({
            ...finding,
            message: reason === undefined ? finding.message : `${finding.message} (${reason})`,
          })),
        );
      }
      const names = releases.map(({ version, revision }) => `${version} (${revision})`);
      return `istiod ${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} ready`;
    },
  };
}

function toFindings({ revision, version }: Release, plane: ControlPlane | undefined): Finding[] {
  const wrong = plane?.version !== undefined && !sameRelease(plane.version, version);
  return [...(wrong ? [`is of version ${plane.version}, not ${version}`] : []), ...flawsOf(plane)].map(
    (message) => ({
      id: 'control-plane-not-ready',
      severity: 'error',
      object: `control plane ${revision}`,
      message,
      remedy: 'Remove the cause and run the phase again, or run rollback.',
    }),
  );
}
