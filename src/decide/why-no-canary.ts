import { scaledToZero } from '../checks/control-planes.ts';
import { flawsOf } from '../istio/health.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import { isOnly, takenNamespaces } from '../istio/scope.ts';
import { isInPlace } from '../istio/side.ts';
import { breakCircle, labelsAgain, putBack } from './put-back.ts';
import type { View } from './upgrade.ts';

/** What keeps a canary from being one, and what gets on. */
export interface Cause {
  readonly message: string;
  readonly remedy: string;
}

const AGAIN = 'Then run canary again until it succeeds, and promote. Or run rollback.';

/**
 * Why a canary is none, where objects alone show it: its istiod does not serve, somebody has put labels back, or nothing is
 * on the target any more. What istiod says of it is told by its own findings.
 *
 * @returns undefined where they don't tell
 */
export function whyNoCanary(view: View): Cause | undefined {
  if (isInPlace(view.upgrade)) return undefined;
  return planeCause(view) ?? putBackCause(view) ?? namespacesCause(view);
}

function planeCause({ mesh, upgrade: { to } }: View): Cause | undefined {
  const plane = planeOfRevision(mesh, to.revision);
  const [flaw] = flawsOf(plane);
  if (flaw === undefined) return undefined;
  const [zero] = scaledToZero(mesh, plane);
  const mend = `Once istiod of ${to.revision} serves again, run the phase again. Or run rollback.`;
  return { message: `the control plane ${to.revision} ${flaw}`, remedy: zero?.remedy ?? mend };
}

function putBackCause(view: View): Cause | undefined {
  const [first, ...more] = putBack(view);
  if (first === undefined) return undefined;
  const others = more.length === 0 ? '' : ` (and ${String(more.length)} more)`;
  return {
    message: `somebody has put back the label ${labelsAgain(first)} of namespace ${first.name}${others} since canary moved it`,
    remedy: `${breakCircle(first, view.upgrade)} ${AGAIN}`,
  };
}

function namespacesCause({ mesh, upgrade: { to } }: View): Cause | undefined {
  const taken = takenNamespaces(mesh, to.revision);
  const wrong = taken.find(({ injectedBy }) => !isOnly(injectedBy, to.revision));
  if (wrong !== undefined) {
    const by = wrong.injectedBy.join(' and ') || 'nobody';
    return {
      message: `namespace ${wrong.name} was moved, and is injected by ${by}, not by ${to.revision} alone`,
      remedy: `Look at its labels and at the webhooks (istioctl x injector list). ${AGAIN}`,
    };
  }
  if (taken.length > 0) return undefined;
  return {
    message: `no namespace is on ${to.revision} by this upgrade: canary has moved none yet, or what it moved was deleted or relabelled since`,
    remedy:
      'Run canary (again) with canary-namespaces that are there, until it succeeds, then promote. Or run rollback.',
  };
}
