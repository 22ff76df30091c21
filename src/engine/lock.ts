import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import type { Lease } from '../cluster/objects.ts';
import type { Finding } from '../finding.ts';
import { RECORD_NAME } from '../istio/names.ts';

const DURATION_S = 30;
const RENEW_MS = 10_000;
/** A write is not begun this close to the lease's end: it could arrive after a takeover. */
const MARGIN_MS = 5_000;
/** Longer than a live holder takes from one renewal to the next. */
const WATCH_FOR_LIFE_MS = RENEW_MS + 5_000;
/** How long a rollback waits for a live holder to heed its request to stop. */
const STOP_WAIT_MS = 120_000;
const POLL_MS = 1_000;

const ANNOTATION_RUN = 'istio-upgrade/run';
const ANNOTATION_STOP = 'istio-upgrade/stop-requested-by';

/** Somebody else holds the Lease. Nothing was touched. */
export class LockHeld extends Error {
  override readonly name = 'LockHeld';
  readonly finding: Finding;
  constructor(finding: Finding) {
    super(finding.message);
    this.finding = finding;
  }
}

/** This run held the Lease and lost it: it must write nothing more. */
export class LockLost extends Error {
  override readonly name = 'LockLost';
}

/** The Lease was asked for by a rollback, which goes first (H68). */
export class StopRequested extends Error {
  override readonly name = 'StopRequested';
}

/** The right to write. */
export interface Lock {
  /** @throws LockLost when the Lease may have run out: asked before each write */
  assertHeld(): void;
  /** Fires with {@link LockLost} or {@link StopRequested} when the run must end. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface LockRequest {
  readonly namespace: string;
  /** Unique to this run: `owner/repo/run/attempt/uuid`. */
  readonly holder: string;
  readonly runUrl: string;
  /** A rollback asks the holder to stop and waits; any other phase is refused at the holder's next sign of life. */
  readonly insist: boolean;
  readonly signal: AbortSignal;
  readonly onWait: (message: string) => void;
}

/**
 * Takes the Lease.
 *
 * @param cluster not fenced: the Lease is what fences
 * @throws LockHeld naming the holder, since when, and its run
 */
export async function acquireLock(cluster: Cluster, request: LockRequest): Promise<Lock> {
  const startedAt = performance.now();
  let seen: { readonly beat: string; readonly at: number } | undefined;
  for (;;) {
    request.signal.throwIfAborted();
    const lease = await cluster.get('Lease', RECORD_NAME, request.namespace);
    const now = performance.now();
    if (lease === undefined || isFree(lease)) {
      if (await take(cluster, lease, request)) return hold(cluster, request);
      continue;
    }
    const beat = beatOf(lease);
    if (seen === undefined) await announce(cluster, lease, request);
    if (seen !== undefined && beat !== seen.beat && !request.insist) throw new LockHeld(heldBy(lease));
    if (beat !== seen?.beat) seen = { beat, at: now };
    if (isDead(lease, now - seen.at)) {
      if (await take(cluster, lease, request)) return hold(cluster, request);
      continue;
    }
    if (now - startedAt > STOP_WAIT_MS) throw new LockHeld(heldBy(lease));
    await sleep(POLL_MS, undefined, { signal: request.signal });
  }
}

function isFree(lease: Lease): boolean {
  return (lease.spec?.holderIdentity ?? '') === '';
}

/** Changes with every sign of life of the holder, and with the holder. */
function beatOf({ spec }: Lease): string {
  return `${spec?.holderIdentity ?? ''} ${spec?.renewTime ?? ''}`;
}

/**
 * A holder that was not heard of for the lease's whole time while we watched is dead, whatever the clocks say; one
 * whose lease ran out by our clock only has to be watched for longer than a heartbeat, because clocks may differ.
 */
function isDead({ spec }: Lease, silentMs: number): boolean {
  const duration = (spec?.leaseDurationSeconds ?? DURATION_S) * 1000;
  const age = Date.now() - Date.parse(spec?.renewTime ?? '1970-01-01T00:00:00Z');
  return silentMs >= duration || (age >= duration && silentMs >= WATCH_FOR_LIFE_MS);
}

/** Says what is waited for; a rollback asks the holder to stop. */
async function announce(cluster: Cluster, lease: Lease, request: LockRequest): Promise<void> {
  if (request.insist) {
    await cluster.edit('Lease', RECORD_NAME, request.namespace, (current) =>
      isFree(current) || current.metadata.annotations?.[ANNOTATION_STOP] !== undefined
        ? undefined
        : { metadata: { annotations: { [ANNOTATION_STOP]: request.runUrl } } },
    );
  }
  const what = request.insist
    ? 'asked the holder of the lock to stop'
    : 'watching whether the holder of the lock lives';
  request.onWait(
    `${what}, for up to ${String(DURATION_S)} s after its last sign of life: ${heldBy(lease).message}`,
  );
}

async function take(cluster: Cluster, seen: Lease | undefined, request: LockRequest): Promise<boolean> {
  const now = microTime();
  const metadata = { annotations: { [ANNOTATION_RUN]: request.runUrl, [ANNOTATION_STOP]: null } };
  const spec = {
    holderIdentity: request.holder,
    leaseDurationSeconds: DURATION_S,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: (seen?.spec?.leaseTransitions ?? 0) + 1,
  };
  if (seen === undefined) {
    try {
      await cluster.create(
        'Lease',
        { metadata: { name: RECORD_NAME, annotations: { [ANNOTATION_RUN]: request.runUrl } }, spec },
        request.namespace,
      );
      return true;
    } catch (error) {
      const now = await cluster.get('Lease', RECORD_NAME, request.namespace);
      if (now === undefined) throw error;
      return now.spec?.holderIdentity === request.holder;
    }
  }
  const taken = await cluster.edit('Lease', RECORD_NAME, request.namespace, (current) =>
    current.metadata.resourceVersion === seen.metadata.resourceVersion ? { metadata, spec } : undefined,
  );
  return taken?.object.spec?.holderIdentity === request.holder;
}

function hold(cluster: Cluster, request: LockRequest): Lock {
  const lost = new AbortController();
  let renewedAt = performance.now();
  let released = false;
  const stillOurs = (lease: Lease): boolean => lease.spec?.holderIdentity === request.holder;

  async function renew(): Promise<void> {
    const startedAt = performance.now();
    const renewTime = microTime();
    const renewed = await cluster.edit('Lease', RECORD_NAME, request.namespace, (current) =>
      stillOurs(current) && current.spec?.renewTime !== renewTime ? { spec: { renewTime } } : undefined,
    );
    if (released) return;
    if (renewed === undefined || !stillOurs(renewed.object)) {
      lost.abort(new LockLost('the lock was taken over by another run: this one writes nothing more'));
      return;
    }
    renewedAt = startedAt;
    const stop = renewed.object.metadata.annotations?.[ANNOTATION_STOP];
    if (stop !== undefined) lost.abort(new StopRequested(`a rollback asked this run to stop: ${stop}`));
  }

  const timer = setInterval(() => {
    renew().catch(() => {
      // The next beat tries again; assertHeld ends the run when none comes through in time.
      if (performance.now() - renewedAt > DURATION_S * 1000 - MARGIN_MS) {
        lost.abort(new LockLost('the lock could not be renewed in time: this run writes nothing more'));
      }
    });
  }, RENEW_MS);
  timer.unref();

  return {
    lost: lost.signal,
    assertHeld: () => {
      lost.signal.throwIfAborted();
      if (released || performance.now() - renewedAt > DURATION_S * 1000 - MARGIN_MS) {
        const error = new LockLost('the lock ran out while this run was held up: it writes nothing more');
        lost.abort(error);
        throw error;
      }
    },
    release: async () => {
      if (released) return;
      released = true;
      clearInterval(timer);
      await cluster.edit('Lease', RECORD_NAME, request.namespace, (current) =>
        stillOurs(current)
          ? { metadata: { annotations: { [ANNOTATION_STOP]: null } }, spec: { holderIdentity: null } }
          : undefined,
      );
    },
  };
}

function heldBy(lease: Lease): Finding {
  const run = lease.metadata.annotations?.[ANNOTATION_RUN] ?? 'unknown';
  return {
    id: 'locked',
    severity: 'error',
    object: `Lease ${lease.metadata.namespace ?? ''}/${lease.metadata.name}`,
    message: `another run is at work: ${lease.spec?.holderIdentity ?? ''} since ${lease.spec?.acquireTime ?? 'an unknown time'} (${run})`,
    remedy:
      'Wait for it to end, or cancel it there. If its runner is gone, the lock is free 30 s after its last sign of life. A rollback asks it to stop and takes over.',
  };
}

/** Kubernetes' MicroTime. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
