import type { Finding } from '../finding.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import type { Check } from './check.ts';

const INSTALLERS = {
  helm: 'Helm',
  operator: 'an operator (Sail, or the Istio operator)',
  gitops: 'GitOps (Argo CD or Flux)',
  unknown: 'something that is not istioctl',
};

/** The current control plane is healthy, istioctl's own, and but for the target the only one (H57, T20). */
export const controlPlanes: Check = ({ mesh, upgrade: { from, to } }) => {
  const findings: Finding[] = [];
  for (const plane of mesh.planes) {
    const object = `Deployment ${mesh.istioNamespace}/${plane.deployment}`;
    if (plane.owner !== 'istioctl') {
      findings.push({
        id: 'mesh-owner-not-supported',
        severity: 'error',
        object,
        message: `it was installed by ${INSTALLERS[plane.owner]}; this Action upgrades what istioctl installed, for now`,
        remedy: 'Upgrade it the way it was installed. Two owners of one control plane undo each other.',
      });
    }
    if (plane.revision !== from.revision && plane.revision !== to.revision) {
      findings.push({
        id: 'other-revision-present',
        severity: 'error',
        object,
        message: `a third control plane is there: revision ${plane.revision}, ${plane.version ?? 'version unknown'}`,
        remedy: 'Finish or roll back the upgrade that it belongs to, or uninstall it when nothing uses it.',
      });
    }
  }
  const current = planeOfRevision(mesh, from.revision);
  if (current !== undefined && (!current.rollout.done || current.rollout.desired === 0)) {
    findings.push({
      id: 'current-control-plane-not-ready',
      severity: 'error',
      object: `Deployment ${mesh.istioNamespace}/${current.deployment}`,
      message: `the current control plane is not healthy: ${current.rollout.message || 'it is scaled to zero'}`,
      remedy: 'Repair it first: it is the way back.',
    });
  }
  if (current !== undefined && (!current.service || current.injector === undefined)) {
    findings.push({
      id: 'current-control-plane-incomplete',
      severity: 'error',
      object: `Deployment ${mesh.istioNamespace}/${current.deployment}`,
      message: `the current control plane has no ${current.service ? 'injector webhook' : 'Service'}`,
      remedy: 'Install it again with its own istioctl and the same configuration.',
    });
  }
  return findings;
};
