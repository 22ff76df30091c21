import type { Mesh } from '../istio/mesh.ts';
import type { Configuration } from '../istioctl/config-files.ts';
import type { Ended } from '../istioctl/istioctl.ts';
import type { Context } from './context.ts';
import { StepFailed } from './step.ts';
import { type Probe, beforeLastLook, waitFor } from '../wait/wait.ts';

/** istioctl's own wait ends this long before ours, so that it can say what it waited for. */
const GRACE_MS = 20_000;
/** Longest until what istioctl calls done is seen to be so: a pod has up to 30 s to end. */
const SETTLE_MS = 2 * 60_000;

/** Lets a side's istioctl install. What came of it is to be seen on the cluster. */
export async function letInstall(
  context: Context,
  side: 'from' | 'to',
  configuration: Configuration,
): Promise<Ended> {
  const remaining = context.remainingMs();
  const ended = await context.istioctl[side].istioctl.install(
    {
      revision: context.upgrade[side].revision,
      ...configuration,
      readinessTimeoutMs: Math.max(remaining - GRACE_MS, 5_000),
    },
    { timeoutMs: remaining, signal: context.signal },
    (line) => {
      context.log.info(line);
    },
  );
  context.signal.throwIfAborted();
  return ended;
}

/** @param lacks what is still waited for; undefined for nothing */
export async function settled(context: Context, lacks: (mesh: Mesh) => string | undefined): Promise<void> {
  await waitFor(
    async (): Promise<Probe<undefined>> => {
      const waiting = lacks(await context.observe());
      return waiting === undefined ? { done: true, value: undefined } : { done: false, waiting };
    },
    {
      what: 'waiting for the control plane',
      timeoutMs: Math.min(SETTLE_MS, beforeLastLook(context.remainingMs())),
      signal: context.signal,
      log: context.log,
      intervalMs: 250,
    },
  );
}

/**
 * All is there, and istioctl says that it failed all the same.
 *
 * @param phase what is to be run again
 */
export function installFailed({ words }: Ended, phase: string): StepFailed {
  return new StepFailed([
    {
      id: 'install-failed',
      severity: 'error',
      message: `istioctl install says: ${words}`,
      remedy: `The log of this step has all it said. Remove the cause and run ${phase} again, or run rollback.`,
    },
  ]);
}
