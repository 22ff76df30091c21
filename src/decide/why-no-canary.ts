import type { CheckView } from '../checks/check.ts';
import { scaledToZero } from '../checks/control-planes.ts';
import { stragglers } from '../checks/stragglers.ts';
import type { Finding } from '../finding.ts';
import { flawsOf } from '../istio/health.ts';
import { istioctlAt } from '../istio/home.ts';
import { type MeshPod, planeOfRevision } from '../istio/mesh.ts';
import { toReplace } from '../istio/moves.ts';
import { isOnly, takenNamespaces } from '../istio/scope.ts';
import { isInPlace } from '../istio/side.ts';
import { behindInCanary, goesDown, runs } from '../istio/state-in-place.ts';
import { breakCircle, labelsAgain, putBack } from './put-back.ts';
import type { View } from './upgrade.ts';

/** What keeps a canary from being one, and what gets on. */
export interface Cause {
  readonly message: string;
  readonly remedy: string;
}

const AGAIN = 'Then run canary again until it succeeds, and promote. Or run rollback.';
const CHOOSE =
  'Run canary (again) with canary-namespaces that are there, until it succeeds, then promote. Or run rollback.';

/**
 * Why a canary is none, where objects alone show it: its istiod does not serve, somebody has put labels back, something of
 * it is behind, or nothing is on the target any more. What istiod says of it is told by its own findings.
 *
 * @returns undefined where they don't tell
 */
export function whyNoCanary(view: View): Cause | undefined {
  if (isInPlace(view.upgrade)) return istiodCause(view) ?? behindCause(view);
  return planeCause(view) ?? putBackCause(view) ?? namespacesCause(view);
}

/**
 * In place leave to stay makes a canary of namespaces in which something is behind; without it none is one any more. What
 * no restart moves is told as the check tells it, with all else that the phase would be refused for then.
 */
export function heldInPlace(view: CheckView): Finding[] {
  if (!isInPlace(view.upgrade) || istiodCause(view) !== undefined) return [];
  const behind = new Set(behindOf(view));
  const { stragglers: held } = toReplace(view.mesh, (pod) => behind.has(pod), view.before, view.upgrade);
  return held.length === 0 ? [] : stragglers(view).filter(({ severity }) => severity === 'error');
}

function behindOf({ mesh, record, upgrade, before }: View): MeshPod[] {
  return behindInCanary(mesh, upgrade, record, before);
}

function istiodCause(view: View): Cause | undefined {
  const { mesh, upgrade } = view;
  const { version } = upgrade.to;
  const plane = planeOfRevision(mesh, upgrade.to.revision);
  const cause = planeCause(view);
  // Down it goes last.
  if (cause !== undefined || goesDown(upgrade) || runs(plane, version)) return cause;
  return {
    message: `istiod is ${plane?.version ?? 'of unknown version'}, not ${version}: canary has not replaced it yet, or somebody has put it back`,
    remedy: 'Run canary until it succeeds, then promote. Or run rollback.',
  };
}

function behindCause(view: View): Cause | undefined {
  const { version } = view.upgrade.to;
  const behind = behindOf(view);
  const [first] = behind;
  if (first === undefined) {
    return {
      message: `no namespace of the canary has a proxy of ${version}: canary has moved none yet, or what it moved was deleted or scaled down since`,
      remedy: CHOOSE,
    };
  }
  const { namespace, name, owner } = first;
  const names = [...new Set(behind.map((pod) => pod.namespace))].sort().join(', ');
  return {
    message: `${owner?.kind ?? 'Pod'} ${namespace}/${owner?.name ?? name} has a pod that is not on ${version}, in a namespace that canary has moved`,
    remedy: `Run canary with canary-namespaces: ${names}. It restarts what is behind there. Then promote. Or run rollback.`,
  };
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
      remedy: `Look at its labels and at the webhooks (${istioctlAt(mesh, 'x injector list')}). ${AGAIN}`,
    };
  }
  if (taken.length > 0) return undefined;
  return {
    message: `no namespace is on ${to.revision} by this upgrade: canary has moved none yet, or what it moved was deleted or relabelled since`,
    remedy: CHOOSE,
  };
}
