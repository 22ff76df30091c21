import type { Pod } from '../objects.ts';
import { revisionOf } from '../istio/proxy.ts';

/** What is wrong with a pod, on purpose: the same switches as on the testbed, annotations on the pod template. */
export interface Faults {
  readonly neverReady: boolean;
  /** Milliseconds from the start until the application is ready. */
  readonly readyAfter: number;
  readonly pullFails: boolean;
  readonly proxyAbsent: boolean;
  readonly proxyStale: boolean;
}

const NONE: Faults = {
  neverReady: false,
  readyAfter: 0,
  pullFails: false,
  proxyAbsent: false,
  proxyStale: false,
};

export function faultsOf(pod: Pod): Faults {
  const { annotations = {} } = pod.metadata;
  const only = annotations['testbed/only-revision'];
  if (only !== undefined && only !== revisionOf(pod)) return NONE;
  const ready = annotations['testbed/ready'] ?? '';
  return {
    neverReady: ready === 'never',
    readyAfter: Number(/^(\d+)s$/.exec(ready)?.[1] ?? 0) * 1000,
    pullFails: annotations['testbed/pull'] === 'fail',
    proxyAbsent: annotations['testbed/proxy'] === 'absent',
    proxyStale: annotations['testbed/proxy'] === 'stale',
  };
}
