import { describe, expect, test } from '@jest/globals';
import { ApiError } from '../../../src/cluster/api-error.ts';
import { KubeconfigError } from '../../../src/cluster/kubeconfig-error.ts';
import { Cancelled, endingOf } from '../../../src/engine/ending.ts';
import { LockLost, StopRequested } from '../../../src/engine/lock.ts';
import { OutOfTime } from '../../../src/engine/run-steps.ts';
import { UnsupportedPlatform } from '../../../src/istioctl/release-asset.ts';
import { CommandNotRunnable } from '../../../src/process/command.ts';
import { Inconclusive, Refused, StepFailed } from '../../../src/steps/step.ts';

const finding = { id: 'x', severity: 'error' as const, message: 'm' };

describe('how an error ends a run', () => {
  test.each([
    [new Refused([finding]), 'refused', 'x'],
    [new StepFailed([finding]), 'failed', 'x'],
    [new Inconclusive([finding]), 'inconclusive', 'x'],
    [new LockLost('l'), 'cancelled', 'lock-lost'],
    [new StopRequested('s'), 'cancelled', 'cancelled'],
    [new OutOfTime('o'), 'failed', 'out-of-time'],
    [new ApiError('list pods', 0, 'Unreachable', 'away'), 'failed', 'cluster-unreachable'],
    [new ApiError('list pods', 401, '', 'who'), 'failed', 'credentials-refused'],
    [new ApiError('patch pods', 403, '', 'no'), 'failed', 'permission-missing'],
    [new Error('?'), 'failed', 'unexpected-error'],
  ])('%s after something was touched: %s', (error, outcome, id) => {
    expect(endingOf(error, true, undefined)).toMatchObject({
      outcome,
      findings: [{ id, severity: 'error' }],
    });
  });

  test('what can be said before anything was touched is refused, and never failed: no rollback is due', () => {
    expect(endingOf(new ApiError('list pods', 403, '', 'no'), false, undefined).outcome).toBe('refused');
    expect(endingOf(new Error('?'), false, undefined).outcome).toBe('refused');
  });

  test('M12, M42: also a step that looked and was not content, and a time that ran out, without a write', () => {
    for (const error of [new StepFailed([finding]), new OutOfTime('o')]) {
      expect(endingOf(error, false, undefined).outcome).toBe('refused');
    }
    // Of which nothing is known, nothing is claimed: that stays so.
    expect(endingOf(new Inconclusive([finding]), false, undefined).outcome).toBe('inconclusive');
  });

  test.each([
    [new LockLost('l'), 'See who holds the lock'],
    [new StopRequested('s'), 'A rollback goes first'],
    [new CommandNotRunnable('istioctl', new Error('e')), 'Check the file and the machine'],
    [new UnsupportedPlatform('p'), 'Use a runner'],
    [new KubeconfigError('k'), 'Correct the secret'],
  ])('%s says what to do, and never to run into the same again', (error, words) => {
    const [told] = endingOf(error, false, undefined).findings;
    expect(told?.remedy).toContain(words);
    expect(told?.remedy).not.toContain('goes on where it stopped');
  });

  test('the reason of the signal is the cause, whatever was thrown on the way out', () => {
    const reason = new Cancelled('SIGINT');
    expect(endingOf(new StepFailed([finding]), true, reason).outcome).toBe('cancelled');
  });
});
