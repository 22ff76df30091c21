import { ApiError, isUnauthorized } from '../cluster/api-error.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { CredentialError } from '../cluster/credential-error.ts';
import type { Fence } from '../cluster/fence.ts';
import type { Lease } from '../cluster/objects.ts';
import type { Finding } from '../finding.ts';
import { RECORD_NAME } from '../istio/names.ts';
import {
  ANNOTATION_RUN,
  ANNOTATION_STOP,
  DURATION_S,
  beatOf,
  heldBy,
  isDead,
  isFree,
  microTime,
  stopOf,
  transitionsOf,
} from './lease.ts';
import { pause } from './pause.ts';

const RENEW_MS = 10_000;
/** A write is not begun this close to the lease's end: it could arrive after a takeover. */
const MARGIN_MS = 5_000;
/**
 * How long a run whose Lease ran out, because the API server was away, tries to renew it. Meanwhile it writes nothing;
 * it goes on only if nobody has taken the Lease.
 */
const SUSPENDED_MS = 120_000;
/** How long a rollback waits for a live holder to heed its request to stop. */
const STOP_WAIT_MS = 120_000;
const POLL_MS = 1_000;
/** Two looks at the Lease further apart than this saw nothing in between. */
const BLIND_MS = RENEW_MS / 2;

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
  /**
   * The fence: undefined while the Lease is surely held. When it could not be renewed in time, a promise that is fulfilled
   * once it is renewed after all.
   *
   * @throws LockLost, or what else ended it
   */
  readonly fence: Fence;
  /**
   * Fires with {@link LockLost}, {@link StopRequested}, or why the API server could not be asked for long, when the run
   * must end.
   */
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
  let lookedAt = startedAt;
  for (;;) {
    request.signal.throwIfAborted();
    const lease = await cluster.get('Lease', RECORD_NAME, request.namespace);
    const now = performance.now();
    // When the API server was away, the holder could not show life either: what was not seen is no silence.
    if (seen !== undefined && now - lookedAt > BLIND_MS) seen = { ...seen, at: now };
    lookedAt = now;
    if (lease === undefined || isFree(lease)) {
      if (await take(cluster, lease, request)) return hold(cluster, request, now);
      continue;
    }
    const beat = beatOf(lease);
    if (seen === undefined) await announce(cluster, lease, request);
    if (seen !== undefined && beat !== seen.beat && !request.insist)
      throw new LockHeld(heldBy(lease, request.insist));
    if (beat !== seen?.beat) seen = { beat, at: now };
    if (isDead(now - seen.at)) {
      if (await take(cluster, lease, request)) return hold(cluster, request, now);
      continue;
    }
    if (now - startedAt > STOP_WAIT_MS) throw new LockHeld(heldBy(lease, request.insist));
    await pause(POLL_MS, request.signal);
  }
}

/** Says what is waited for; a rollback asks the holder to stop. */
async function announce(cluster: Cluster, lease: Lease, request: LockRequest): Promise<void> {
  if (request.insist) {
    await cluster.edit('Lease', RECORD_NAME, request.namespace, (current) =>
      isFree(current) || stopOf(current) !== undefined
        ? undefined
        : { metadata: { annotations: { [ANNOTATION_STOP]: request.runUrl } } },
    );
  }
  const what = request.insist
    ? 'asked the holder of the lock to stop'
    : 'watching whether the holder of the lock lives';
  request.onWait(
    `${what}, for up to ${String(DURATION_S)} s after its last sign of life: ${heldBy(lease, request.insist).message}`,
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
    leaseTransitions: transitionsOf(seen) + 1,
  };
  if (seen === undefined) {
    try {
      const made = await cluster.create(
        'Lease',
        { metadata: { name: RECORD_NAME, annotations: { [ANNOTATION_RUN]: request.runUrl } }, spec },
        request.namespace,
      );
      return made.spec?.holderIdentity === request.holder;
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

/** @param takenAt when the taking began: others count from what they saw of it, so this run counts no later (M16) */
function hold(cluster: Cluster, request: LockRequest, takenAt: number): Lock {
  const lost = new AbortController();
  let renewedAt = takenAt;
  let released = false;
  /** Whoever wants to write while the Lease has run out waits for this. */
  let suspended: PromiseWithResolvers<void> | undefined;
  const stillOurs = (lease: Lease): boolean => lease.spec?.holderIdentity === request.holder;
  const overdueMs = (): number => performance.now() - renewedAt - (DURATION_S * 1000 - MARGIN_MS);

  function lose(reason: unknown): void {
    lost.abort(reason);
    suspended?.reject(reason);
  }

  async function renew(): Promise<void> {
    const startedAt = performance.now();
    const renewTime = microTime();
    const renewed = await cluster.edit('Lease', RECORD_NAME, request.namespace, (current) =>
      stillOurs(current) && current.spec?.renewTime !== renewTime ? { spec: { renewTime } } : undefined,
    );
    if (released) return;
    if (renewed === undefined || !stillOurs(renewed.object)) {
      lose(new LockLost('the lock was taken over by another run: this one writes nothing more'));
      return;
    }
    renewedAt = startedAt;
    const stop = stopOf(renewed.object);
    if (stop !== undefined) lose(new StopRequested(`a rollback asked this run to stop: ${stop}`));
    if (overdueMs() > 0) return;
    suspended?.resolve();
    suspended = undefined;
  }

  async function beat(): Promise<void> {
    try {
      await renew();
    } catch (error) {
      // The next beat tries again, but not for ever: a credential that is refused hardly gets better.
      if (overdueMs() > (isUnauthorized(error) ? 0 : SUSPENDED_MS)) lose(reasonOf(error));
    } finally {
      if (!released) timer = setTimeout(() => void beat(), overdueMs() > 0 ? POLL_MS : RENEW_MS).unref();
    }
  }

  let timer = setTimeout(() => void beat(), RENEW_MS).unref();

  return {
    lost: lost.signal,
    fence: () => {
      lost.signal.throwIfAborted();
      if (released) throw new LockLost('the lock was given back: this run writes nothing more');
      if (overdueMs() <= 0) return undefined;
      if (suspended === undefined) {
        suspended = Promise.withResolvers();
        // Nobody may be waiting any more when it is lost.
        suspended.promise.catch(() => undefined);
      }
      return suspended.promise;
    },
    release: async () => {
      if (released) return;
      released = true;
      clearTimeout(timer);
      suspended?.reject(new LockLost('the lock was given back: this run writes nothing more'));
      await cluster.edit('Lease', RECORD_NAME, request.namespace, (current) =>
        stillOurs(current)
          ? { metadata: { annotations: { [ANNOTATION_STOP]: null } }, spec: { holderIdentity: null } }
          : undefined,
      );
    },
  };
}

/** What the end of the run is told to be caused by. */
function reasonOf(error: unknown): unknown {
  if (error instanceof ApiError || error instanceof CredentialError) return error;
  return new LockLost('the lock could not be renewed in time: this run writes nothing more', {
    cause: error,
  });
}
