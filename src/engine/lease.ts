import type { Lease } from '../cluster/objects.ts';
import type { Finding } from '../finding.ts';
import { boundedText } from '../istio/text.ts';

/** A lock holds so long after its holder's last sign of life, whatever the Lease itself says (M38). */
export const DURATION_S = 30;

export const ANNOTATION_RUN = 'istio-upgrade/run';
export const ANNOTATION_STOP = 'istio-upgrade/stop-requested-by';

/** Longest text of a Lease that is shown: whoever may write Leases may have written it. */
const SHOWN = 300;

/** What the Lease says of its holder, as far as it is of the type that it should be; anything else is as if it were not there. */
function holderOf({ spec }: Lease): string {
  return textOf(spec?.holderIdentity);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const shown = (value: unknown): string => boundedText(value, SHOWN);

export function isFree(lease: Lease): boolean {
  return holderOf(lease) === '';
}

/** Changes with every sign of life of the holder, and with the holder. */
export function beatOf(lease: Lease): string {
  return `${holderOf(lease)} ${textOf(lease.spec?.renewTime)}`;
}

/** Which run asks the holder to stop; undefined where nobody does. */
export function stopOf({ metadata }: Lease): string | undefined {
  const asked: unknown = metadata.annotations?.[ANNOTATION_STOP];
  return asked === undefined ? undefined : shown(asked) || 'an unknown run';
}

/** How often it has changed hands. */
export function transitionsOf(lease: Lease | undefined): number {
  const count: unknown = lease?.spec?.leaseTransitions;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : 0;
}

/**
 * A holder is dead that was not heard of for the whole time of a lease while we watched. Clocks are not asked: the
 * holder's may differ from ours, and it goes on writing for as long as its own says that it may (M16).
 */
export function isDead(silentMs: number): boolean {
  return silentMs >= DURATION_S * 1000;
}

/**
 * Who holds it, since when, and where that run is.
 *
 * @param asked whether it was asked to stop, as a rollback does
 */
export function heldBy(lease: Lease, asked: boolean): Finding {
  const run = shown(lease.metadata.annotations?.[ANNOTATION_RUN]) || 'unknown';
  return {
    id: 'locked',
    severity: 'error',
    object: `Lease ${lease.metadata.namespace ?? ''}/${lease.metadata.name}`,
    message: `another run is at work: ${shown(holderOf(lease))} since ${shown(lease.spec?.acquireTime) || 'an unknown time'} (${run})`,
    remedy: asked
      ? 'It was asked to stop and goes on. Cancel it there, then run rollback again. If its runner is gone, the lock is free 30 s after its last sign of life.'
      : 'Wait for it to end, or cancel it there. If its runner is gone, the lock is free 30 s after its last sign of life. A rollback asks it to stop and takes over.',
  };
}

/** Kubernetes' MicroTime. */
export function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
