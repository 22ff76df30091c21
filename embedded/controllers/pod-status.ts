import type { Condition, Container, ContainerStatus, Pod, PodStatus } from '../objects.ts';
import { PROXY } from '../istio/proxy.ts';

/** What is known about a pod beside its object. */
export interface Facts {
  readonly started: boolean;
  readonly appReady: boolean;
  /** The sidecar has its first configuration. */
  readonly proxyReady: boolean;
  readonly pullFails: boolean;
  readonly missing: (image: string) => boolean;
}

/** The status that a kubelet would write. A native sidecar lets the other containers start once it is ready. */
export function statusOf({ spec }: Pod, facts: Facts): PodStatus {
  const app = spec.containers.find(({ name }) => name !== PROXY)?.name;
  let initialized = facts.started;
  const init = (spec.initContainers ?? []).map((container) => {
    const status = initStatus(container, facts, initialized);
    const sidecar = container.restartPolicy === 'Always';
    if (sidecar ? !status.ready && container.startupProbe !== undefined : !status.ready) initialized = false;
    return status;
  });
  const containers = spec.containers.map((container) => {
    if (!initialized) return waiting(container, facts.started ? 'PodInitializing' : 'ContainerCreating');
    if (facts.missing(container.image) || (facts.pullFails && container.name === app))
      return backOff(container);
    return running(
      container,
      container.name === PROXY ? facts.proxyReady : container.name !== app || facts.appReady,
    );
  });
  const unready = [...containers, ...init.filter(({ name }) => name === PROXY)].filter(({ ready }) => !ready);
  const pending = !initialized || containers.some(({ state }) => 'waiting' in state);
  return {
    phase: pending ? 'Pending' : 'Running',
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', initialized, 'ContainersNotInitialized'),
      ...['ContainersReady', 'Ready'].map((type) =>
        condition(
          type,
          unready.length === 0,
          'ContainersNotReady',
          `containers with unready status: [${unready.map(({ name }) => name).join(' ')}]`,
        ),
      ),
    ],
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: containers,
  };
}

function initStatus(container: Container, facts: Facts, mayStart: boolean): ContainerStatus {
  if (!mayStart) return waiting(container, 'PodInitializing');
  if (facts.missing(container.image)) return backOff(container);
  if (container.restartPolicy === 'Always') return running(container, facts.proxyReady);
  return { ...base(container), ready: true, state: { terminated: { exitCode: 0, reason: 'Completed' } } };
}

function base({ name, image }: Container): Omit<ContainerStatus, 'state'> {
  return { name, image, ready: false, started: false, restartCount: 0 };
}

function waiting(container: Container, reason: string, message?: string): ContainerStatus {
  const why = message === undefined ? { reason } : { reason, message };
  return { ...base(container), state: { waiting: why } };
}

function backOff(container: Container): ContainerStatus {
  return waiting(container, 'ImagePullBackOff', `Back-off pulling image "${container.image}"`);
}

function running(container: Container, ready: boolean): ContainerStatus {
  return { ...base(container), ready, started: true, state: { running: {} } };
}

function condition(type: string, value: boolean, reason?: string, message?: string): Condition {
  if (value) return { type, status: 'True' };
  return {
    type,
    status: 'False',
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

/** Whether a pod is ready and stays. */
export function isReady({ metadata, status }: Pod): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    status?.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true
  );
}
