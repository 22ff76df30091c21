import type { Pod } from '../cluster/objects.ts';
import { boundedText } from './text.ts';

/**
 * Why a pod is not ready, in the cluster's own words: what it waits for, where it can't be scheduled, which probe
 * fails (H65). Undefined for a pod that is ready.
 */
export function podProblem(pod: Pod): string | undefined {
  const { status = {} } = pod;
  const conditions = status.conditions ?? [];
  const isTrue = (type: string): boolean =>
    conditions.some((item) => item.type === type && item.status === 'True');
  if (isTrue('Ready')) return undefined;
  const unscheduled = conditions.find((item) => item.type === 'PodScheduled' && item.status === 'False');
  if (unscheduled !== undefined) return words(unscheduled.reason ?? 'Unschedulable', unscheduled.message);
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  for (const { name, state, ready } of containers) {
    if (state?.waiting !== undefined) {
      return `container ${name}: ${words(state.waiting.reason ?? 'waiting', state.waiting.message)}`;
    }
    if (!ready && state?.terminated !== undefined && state.terminated.exitCode !== 0) {
      return `container ${name} ended: ${words(state.terminated.reason ?? 'Error', undefined)}`;
    }
  }
  const failing = (status.containerStatuses ?? []).filter(({ ready }) => !ready).map(({ name }) => name);
  if (failing.length > 0) return `readiness of container ${failing.join(', ')} fails`;
  return status.phase === 'Pending' ? 'pending' : 'not ready yet';
}

/** How a container waits that is being begun, and not held up. */
const BEGINNING = ['ContainerCreating', 'PodInitializing'];

/** Whether a container of a pod that is not ready has ended before, or can't be begun: it fails, and does not just start. */
export function isFailing({ status = {} }: Pod): boolean {
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return containers.some(
    ({ ready, restartCount = 0, state }) =>
      !ready &&
      (restartCount > 0 ||
        (state?.terminated?.exitCode ?? 0) !== 0 ||
        (state?.waiting !== undefined && !BEGINNING.includes(state.waiting.reason ?? ''))),
  );
}

function words(reason: string, message: string | undefined): string {
  const [why, more] = [boundedText(reason, 100), boundedText(message, 200)];
  return more === '' ? why : `${why} (${more})`;
}
