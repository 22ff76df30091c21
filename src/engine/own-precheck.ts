import type { PrecheckAnswer } from '../istioctl/precheck.ts';
import { deniedOnTheWay } from '../steps/denied.ts';
import type { ProvedIstioctl } from '../steps/context.ts';
import { Inconclusive } from '../steps/step.ts';

const PRECHECK_MS = 5 * 60_000;

/**
 * Asks the target's `istioctl x precheck`.
 *
 * @throws Inconclusive where it gives no answer that can be read
 */
export async function askPrecheck(
  { istioctl }: Pick<ProvedIstioctl, 'istioctl'>,
  signal: AbortSignal,
): Promise<PrecheckAnswer> {
  const ask = (): ReturnType<typeof istioctl.precheck> =>
    istioctl.precheck({ timeoutMs: PRECHECK_MS, signal });
  // Once more: the way to the cluster may have been bad for a moment.
  const first = await ask();
  const answer = first.readable || signal.aborted ? first : await ask();
  if (answer.readable) return answer;
  throw new Inconclusive([
    ...deniedOnTheWay(answer.denied ?? []),
    {
      id: 'istioctl-precheck-not-seen',
      severity: 'error',
      message: `istioctl x precheck gave no answer that can be read: ${answer.reason}`,
      remedy:
        'Nothing is claimed. Check the permissions of this credential (docs/permissions.md) and run again.',
    },
  ]);
}
