import type { Finding } from '../../finding.ts';
import { planeOfRevision } from '../../istio/mesh.ts';
import { runs } from '../../istio/state-in-place.ts';
import type { Check, CheckView } from '../check.ts';
import { controlPlanes, scaledToZero } from '../control-planes.ts';

/**
 * The control plane is istioctl's own and serves. One that is the target's already and does not serve is an upgrade that
 * was interrupted: the phase is there to go on with it, unless somebody has scaled it to zero (story 121001:290).
 */
export const controlPlaneInPlace: Check = (view) => {
  const plane = planeOfRevision(view.mesh, view.upgrade.to.revision);
  const replaced = runs(plane, view.upgrade.to.version);
  const findings = controlPlanes(view);
  return replaced
    ? [...findings.filter(({ id }) => !OF_CURRENT.includes(id)), ...scaledToZeroInPlace(view)]
    : findings;
};

/** Neither release would get ready there, whichever way the phase goes. */
export const scaledToZeroInPlace = ({
  mesh,
  upgrade: { to },
}: Pick<CheckView, 'mesh' | 'upgrade'>): Finding[] => scaledToZero(mesh, planeOfRevision(mesh, to.revision));

const OF_CURRENT = ['current-control-plane-not-ready', 'current-control-plane-incomplete'];

/**
 * What is replaced where it is must be there twice, or it is not there for a moment: no pod gets a sidecar then, and what
 * fails to be injected is refused (the documents' prerequisite of an upgrade in place).
 */
export const redundancy: Check = ({ mesh, upgrade: { to } }) => {
  const plane = planeOfRevision(mesh, to.revision);
  if (plane === undefined) return [];
  const object = `Deployment ${mesh.istioNamespace}/${plane.deployment}`;
  const findings: Finding[] = [
    {
      id: 'in-place-reaches-all',
      severity: 'info',
      object,
      message:
        'it is replaced where it is: every proxy asks the new istiod at once, restarted or not, and long connections may be cut when listeners change; a pod that is made in the moment in which an istiod ends may be refused once',
      remedy:
        'Nothing, if that suits. With strategy: revision only the namespaces that move have the new istiod.',
    },
  ];
  if (plane.rollout.desired === 1) {
    findings.push({
      id: 'control-plane-has-one-replica',
      severity: 'warning',
      object,
      message:
        'istiod has one replica: while it is replaced there may be a moment in which no pod can be injected, and new pods are refused',
      remedy:
        'Give it two (values.pilot.autoscaleMin: 2), or upgrade when nothing is deployed. Or use strategy: revision.',
    });
  }
  if (plane.stopsToRoll === true) {
    findings.push({
      id: 'control-plane-would-stop',
      severity: 'warning',
      object,
      message:
        'the strategy of its Deployment takes all its pods before a new one is ready: meanwhile no pod can be injected, and new pods are refused',
      remedy:
        'Let it roll one by one (values.pilot.rollingMaxSurge: 100%, values.pilot.rollingMaxUnavailable: 25%), or upgrade when nothing is deployed. Or use strategy: revision.',
    });
  }
  const budgets = mesh.owned.filter(({ kind }) => kind === 'PodDisruptionBudget');
  // A precheck does not read what istioctl owns: it has no right to.
  if (plane.rollout.desired > 1 && mesh.owned.length > 0 && budgets.length === 0) {
    findings.push({
      id: 'control-plane-without-budget',
      severity: 'warning',
      object,
      message: 'istiod has no PodDisruptionBudget: a drain of nodes meanwhile may take all its pods at once',
      remedy: 'Install it with values.global.defaultPodDisruptionBudget.enabled: true.',
    });
  }
  return findings;
};
