import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { nameOfObject } from './own-objects.ts';

/**
 * Autoscalers that would be installed and aim at a Deployment that is not installed with them, or at that of another one
 * (H63). istioctl puts the revision behind an autoscaler's own name, and takes `hpaSpec.scaleTargetRef` as it is written:
 * `istiod` is then the control plane that runs, and Kubernetes lets no autoscaler work where two have the same aim
 * (`AmbiguousSelector`, kubernetes#112011). What is no Deployment somebody makes that Istio's charts do not: an Argo Rollout.
 */
export function judgeAutoscalers(objects: readonly RenderedObject[]): Finding[] {
  const there = new Set(objects.map(nameOfObject));
  return objects.flatMap((object): Finding[] => {
    const { name } = object;
    const aim = aimOf(object);
    // Istio's charts call both alike.
    if (aim === undefined || object.scales?.name === name) return [];
    const rival = objects.find((other) => other !== object && aimOf(other) === aim);
    const why = there.has(aim)
      ? rival &&
        `as ${nameOfObject(rival)} does: of two autoscalers that aim at one Deployment Kubernetes lets neither work`
      : `which would not be installed with it: ${name} itself would never be scaled, and where one of its own aims at that Deployment, Kubernetes lets neither of the two work`;
    if (why === undefined) return [];
    return [
      {
        id: 'configuration-scales-other',
        severity: 'error',
        object: nameOfObject(object),
        message: `it would scale ${aim}, ${why}`,
        remedy: `Take scaleTargetRef out of k8s.hpaSpec of its component (or out of the overlay) in config and set: istioctl then aims it rightly. Or set its name to ${name} there, or in a last file of config.`,
      },
    ];
  });
}

/** The Deployment that an autoscaler scales. */
function aimOf({ scales, namespace }: RenderedObject): string | undefined {
  return scales?.kind === 'Deployment' ? nameOfObject({ ...scales, namespace }) : undefined;
}
