import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { nameOfObject } from './own-objects.ts';

/**
 * Autoscalers that would be installed and aim at nothing that is installed with them (H63). istioctl puts the revision
 * behind an autoscaler's own name, and takes `hpaSpec.scaleTargetRef` as it is written: `istiod` is then the control plane
 * that runs, and Kubernetes lets no autoscaler work where two have the same aim (`AmbiguousSelector`, kubernetes#112011).
 */
export function judgeAutoscalers(objects: readonly RenderedObject[]): Finding[] {
  const there = new Set(objects.map(nameOfObject));
  return objects.flatMap((object): Finding[] => {
    const { scales, namespace, name } = object;
    if (scales === undefined) return [];
    const aim = nameOfObject({ ...scales, namespace });
    if (there.has(aim)) return [];
    return [
      {
        id: 'configuration-scales-other',
        severity: 'error',
        object: nameOfObject(object),
        message: `it would scale ${aim}, which would not be installed with it: ${name} itself would never be scaled, and of two autoscalers that aim at one Deployment Kubernetes lets neither work`,
        // Istio's charts call both alike.
        remedy: `Take scaleTargetRef out of k8s.hpaSpec of its component (or out of the overlay) in config and set: istioctl then aims it rightly. Or set its name to ${name} there, or in a last file of config.`,
      },
    ];
  });
}
