import type { Finding } from '../finding.ts';
import { flawsOf } from '../istio/health.ts';
import { uninstallAt } from '../istio/home.ts';
import { type ControlPlane, type Mesh, planeOfRevision } from '../istio/mesh.ts';
import { isHealthy } from '../istio/rollout.ts';
import type { Check } from './check.ts';

const INSTALLERS = {
  helm: 'Helm',
  operator: 'an operator (Sail)',
  gitops: 'GitOps (Argo CD or Flux)',
  unknown: 'something that is not istioctl',
};

/**
 * The current control plane is healthy, istioctl's own, and but for the target the only one (H57, T20). A target that is
 * there may be half installed, which installing mends, but not scaled to zero. A current one that is being removed is no way
 * back any more: what it lacks is no flaw, and to repair it would lead away from the removal, which alone goes on from there.
 */
export const controlPlanes: Check = ({ mesh, state, upgrade: { from, to } }) => {
  const findings: Finding[] = [];
  for (const plane of mesh.planes) {
    const object = `Deployment ${mesh.istioNamespace}/${plane.deployment}`;
    if (plane.owner !== 'istioctl') {
      findings.push({
        id: 'mesh-owner-not-supported',
        severity: 'error',
        object,
        ...(plane.operator === undefined ? installedBy(plane.owner) : keptBy(plane.operator)),
      });
    }
    if (plane.revision !== from.revision && plane.revision !== to.revision) {
      findings.push({
        id: 'other-revision-present',
        severity: 'error',
        object,
        message: `a third control plane is there: revision ${plane.revision}, ${plane.version ?? 'version unknown'}`,
        remedy: `Finish or roll back the upgrade that it belongs to, or, when nothing uses it, run ${uninstallAt(mesh, plane.revision)}.`,
      });
    }
  }
  const current = planeOfRevision(mesh, from.revision);
  const [flaw] = current === undefined || state === 'removing' ? [] : flawsOf(current);
  if (current !== undefined && flaw !== undefined) {
    const serves = isHealthy(current.rollout) && current.rollout.desired > 0;
    findings.push({
      id: serves ? 'current-control-plane-incomplete' : 'current-control-plane-not-ready',
      severity: 'error',
      object: `Deployment ${mesh.istioNamespace}/${current.deployment}`,
      message: `the current control plane ${flaw}`,
      remedy: serves
        ? 'Install it again with its own istioctl and the same configuration.'
        : 'Repair it first: it is the way back.',
    });
  }
  const target = planeOfRevision(mesh, to.revision);
  if (target !== current) findings.push(...scaledToZero(mesh, target));
  return findings;
};

type Words = Pick<Finding, 'message' | 'remedy'>;

function installedBy(owner: keyof typeof INSTALLERS): Words {
  return {
    message: `it was installed by ${INSTALLERS[owner]}; this Action upgrades what istioctl installed, for now`,
    remedy: 'Upgrade it the way it was installed. Two owners of one control plane undo each other.',
  };
}

/** Istio's own way from it to istioctl: istio.io/latest/blog/2024/in-cluster-operator-deprecation-announcement */
function keptBy({ namespace, name }: NonNullable<ControlPlane['operator']>): Words {
  return {
    message: `Istio's in-cluster operator runs, Deployment ${namespace}/${name}: it installs under the labels of istioctl, and may put back what is changed here`,
    remedy: `Save its configuration (kubectl get istiooperators.install.istio.io -A names it), then scale the operator to zero, which leaves the mesh as it is: kubectl scale deployment ${name} -n ${namespace} --replicas=0. Let its IstioOperator be: a running operator uninstalls the mesh with it. Then run this phase again, with that configuration as config.`,
  };
}

/** Installing does not scale it up: what scales by load has no number of its own in what istioctl applies. */
export function scaledToZero(
  { istioNamespace }: Pick<Mesh, 'istioNamespace'>,
  plane: ControlPlane | undefined,
): Finding[] {
  if (plane?.rollout.desired !== 0) return [];
  return [
    {
      id: 'target-scaled-to-zero',
      severity: 'error',
      object: `Deployment ${istioNamespace}/${plane.deployment}`,
      message:
        'it is scaled to zero, and an installation leaves that as it is: no pod could be injected by it',
      remedy: `kubectl scale deployment ${plane.deployment} -n ${istioNamespace} --replicas=1, then run the phase again.`,
    },
  ];
}
