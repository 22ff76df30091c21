import {
  ApiError,
  isElsewhere,
  isForbidden,
  isTroubled,
  isUnauthorized,
  isUnreachable,
  isUntrusted,
} from '../cluster/api-error.ts';
import { CredentialError } from '../cluster/credential-error.ts';
import { KubeconfigError } from '../cluster/kubeconfig.ts';
import type { Finding } from '../finding.ts';
import { policyRefusal } from '../istio/refusal.ts';
import { AcquireError } from '../istioctl/acquire-error.ts';
import { UnsupportedPlatform } from '../istioctl/release-asset.ts';
import { UnfaithfulSetValue } from '../istioctl/set-value.ts';
import type { Outcome } from '../outcome.ts';
import { CommandNotRunnable } from '../process/command.ts';
import { RecordUnreadable } from '../record/record.ts';
import { Inconclusive, Refused, StepFailed } from '../steps/step.ts';
import { LockHeld, LockLost, StopRequested } from './lock.ts';
import { OutOfTime } from './run-steps.ts';

/** The run was cancelled from outside. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  /** When, by the clock that never goes back. */
  readonly at = performance.now();
}

/** How a run ended that did not come to its own end. */
export interface Ending {
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}

/**
 * What an error means for the outcome. `refused` is said only while nothing was touched.
 *
 * @param touched whether anything was written: without a write it is never `failed` (M12)
 * @param reason of the run's signal when it fired: it is the cause, whatever was thrown on the way out
 */
export function endingOf(error: unknown, touched: boolean, reason: unknown): Ending {
  const cause = reason ?? error;
  const soft: Outcome = touched ? 'failed' : 'refused';
  if (cause instanceof Refused) return { outcome: 'refused', findings: cause.findings };
  if (cause instanceof Inconclusive) return { outcome: 'inconclusive', findings: cause.findings };
  if (cause instanceof StepFailed) return { outcome: soft, findings: cause.findings };
  if (cause instanceof LockHeld) return { outcome: 'refused', findings: [cause.finding] };
  if (cause instanceof Cancelled || cause instanceof StopRequested || cause instanceof LockLost) {
    return {
      outcome: 'cancelled',
      findings: [plain(cause.name === 'LockLost' ? 'lock-lost' : 'cancelled', cause, AFTER_STOP[cause.name])],
    };
  }
  if (cause instanceof OutOfTime) {
    return {
      outcome: soft,
      findings: [
        plain(
          'out-of-time',
          cause,
          'Run the phase again: it goes on where it stopped. Or give it a longer timeout.',
        ),
      ],
    };
  }
  return { outcome: soft, findings: [explain(cause)] };
}

/** Where another run goes first, this phase must not come back at once: it would be refused, or undo a rollback. */
const AFTER_STOP: Readonly<Record<string, string>> = {
  LockLost:
    'See who holds the lock now (Lease istio-upgrade names its run). Once that one is through, run the phase again: it goes on from what is there.',
  StopRequested:
    'A rollback goes first: see how it ends. To upgrade after all, begin with precheck once the cause is found.',
};

function explain(error: unknown): Finding {
  if (error instanceof KubeconfigError)
    return plain('kubeconfig-not-usable', error, 'Correct the secret that holds it, or the input context.');
  if (error instanceof RecordUnreadable) return plain('record-unreadable', error, error.remedy);
  if (error instanceof AcquireError) return plain('istioctl-not-acquired', error, error.remedy);
  if (error instanceof CommandNotRunnable) return plain('istioctl-not-runnable', error, error.remedy);
  if (error instanceof UnsupportedPlatform) return plain('istioctl-not-runnable', error, error.remedy);
  if (error instanceof UnfaithfulSetValue)
    return plain(
      'set-value-not-usable',
      error,
      'Take it out of set, and write it into an IstioOperator file (input config).',
    );
  if (error instanceof CredentialError) return plain('credentials-not-obtained', error, error.remedy);
  const refused = error instanceof ApiError ? policyRefusal(error) : undefined;
  if (refused !== undefined) return refused;
  if (isUntrusted(error)) {
    return plain(
      'cluster-unreachable',
      error,
      (error as ApiError).remedy ??
        "Check the kubeconfig's certificate-authority-data, and its tls-server-name if the server is reached by another name than its certificate has. A proxy that opens TLS needs its own authority there.",
    );
  }
  if (isElsewhere(error)) return plain('cluster-unreachable', error, (error as ApiError).remedy);
  if (isUnreachable(error)) {
    return plain(
      'cluster-unreachable',
      error,
      'Check the server in the kubeconfig, the network of the runner, its proxy, and the certificate. A private API server needs a runner inside its network.',
    );
  }
  if (isUnauthorized(error)) {
    return plain(
      'credentials-refused',
      error,
      'The credential is wrong or has expired. Renew it and run the phase again: it goes on where it stopped.',
    );
  }
  if (isForbidden(error)) {
    return plain(
      'permission-missing',
      error,
      'Grant what the message names (docs/permissions.md has the role of each phase).',
    );
  }
  if (isTroubled(error)) {
    return plain(
      'cluster-troubled',
      error,
      'The API server, or something before it, is overloaded or at fault. Once it is well, run the phase again: it goes on where it stopped.',
    );
  }
  return plain('unexpected-error', error, 'Please report this, with the report file.');
}

function plain(id: string, error: unknown, remedy?: string): Finding {
  const message = error instanceof Error ? error.message : String(error);
  return { id, severity: 'error', message, ...(remedy === undefined ? {} : { remedy }) };
}
