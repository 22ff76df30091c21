import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ApiError } from '../../../src/cluster/api-error.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { passage } from '../../../src/cluster/fence.ts';
import type { Lease } from '../../../src/cluster/objects.ts';
import { heldBy } from '../../../src/engine/lease.ts';
import { LockHeld, LockLost, type Lock, StopRequested, acquireLock } from '../../../src/engine/lock.ts';
import { JWT, ODDITIES, TEXTS } from '../trust/forms.ts';

/** An API server with one Lease, which can be away. */
class LeaseServer {
  lease: Lease | undefined;
  trouble: Error | undefined;
  patches = 0;
  answersAfterMs = 0;

  readonly cluster = {
    get: () => this.#answer(),
    create: (_kind: string, object: Lease) => {
      this.lease = { ...object, metadata: { ...object.metadata, resourceVersion: '1' } };
      return this.#answer();
    },
    edit: async (
      _kind: string,
      _name: string,
      _namespace: string,
      decide: (lease: Lease) => object | undefined,
    ) => {
      const current = await this.#answer();
      if (current === undefined) return undefined;
      const patch = decide(current) as Partial<Lease> | undefined;
      if (patch === undefined) return { changed: false, object: current };
      this.patches++;
      this.lease = { ...current, spec: { ...current.spec, ...patch.spec } };
      return { changed: true, object: this.lease };
    },
  } as unknown as Cluster;

  async #answer(): Promise<Lease | undefined> {
    if (this.trouble !== undefined) throw this.trouble;
    if (this.answersAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, this.answersAfterMs));
    return this.lease;
  }
}

const AWAY = new ApiError('get leases', 0, 'Unreachable', 'away');
const REFUSED = new ApiError('get leases', 401, 'Unauthorized', 'who?');

async function held(): Promise<{ server: LeaseServer; lock: Lock }> {
  const server = new LeaseServer();
  const lock = await acquireLock(server.cluster, {
    namespace: 'istio-system',
    holder: 'me',
    runUrl: 'here',
    insist: false,
    signal: new AbortController().signal,
    onWait: () => undefined,
  });
  return { server, lock };
}

/** What a write that waits at the fence comes to. */
function writing(lock: Lock): { readonly came: () => unknown } {
  let came: unknown = 'waits';
  passage(lock.fence).then(
    () => (came = 'went'),
    (error: unknown) => (came = error),
  );
  return { came: () => came };
}

const seconds = (count: number): Promise<void> => jest.advanceTimersByTimeAsync(count * 1000);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('promise 4: a lock that cannot be renewed', () => {
  test('holds as long as it is renewed', async () => {
    const { server, lock } = await held();
    for (let minutes = 0; minutes < 5; minutes++) {
      await seconds(60);
      expect(lock.fence()).toBeUndefined();
    }
    expect(server.patches).toBeGreaterThan(20);
    expect(lock.lost.aborted).toBe(false);
  });

  test('makes writes wait while the API server is away, and lets them go once it is renewed', async () => {
    const { server, lock } = await held();
    server.trouble = AWAY;
    await seconds(24);
    expect(lock.fence()).toBeUndefined();
    await seconds(2);
    const write = writing(lock);
    await seconds(20);
    expect(write.came()).toBe('waits');
    server.trouble = undefined;
    await seconds(2);
    expect(write.came()).toBe('went');
    expect(lock.fence()).toBeUndefined();
    expect(lock.lost.aborted).toBe(false);
  });

  test('writes nothing more when another run has taken it meanwhile', async () => {
    const { server, lock } = await held();
    server.trouble = AWAY;
    await seconds(30);
    const write = writing(lock);
    server.lease = { metadata: { name: 'istio-upgrade' }, spec: { holderIdentity: 'another' } };
    server.trouble = undefined;
    const before = server.patches;
    await seconds(12);
    expect(write.came()).toBeInstanceOf(LockLost);
    expect(lock.lost.reason).toBeInstanceOf(LockLost);
    expect(() => lock.fence()).toThrow(LockLost);
    expect(server.patches).toBe(before);
  });

  test('ends the run with what is the matter when the server stays away', async () => {
    const { server, lock } = await held();
    server.trouble = AWAY;
    await seconds(100);
    expect(lock.lost.aborted).toBe(false);
    const write = writing(lock);
    await seconds(60);
    expect(lock.lost.reason).toBe(AWAY);
    expect(write.came()).toBe(AWAY);
  });

  test('ends the run early when the credential is refused', async () => {
    const { server, lock } = await held();
    server.trouble = REFUSED;
    await seconds(40);
    expect(lock.lost.reason).toBe(REFUSED);
  });

  test('ends the run when a rollback asks it to', async () => {
    const { server, lock } = await held();
    server.lease = {
      ...server.lease!,
      metadata: { name: 'istio-upgrade', annotations: { 'istio-upgrade/stop-requested-by': 'a rollback' } },
    };
    await seconds(11);
    expect(lock.lost.reason).toBeInstanceOf(StopRequested);
    expect(() => lock.fence()).toThrow(StopRequested);
  });

  test('is not held any more once it was given back', async () => {
    const { server, lock } = await held();
    await lock.release();
    expect(server.lease?.spec?.holderIdentity).toBeNull();
    expect(() => lock.fence()).toThrow(LockLost);
    const { patches } = server;
    await seconds(60);
    expect(server.patches).toBe(patches);
  });
});

describe('a lock that is taken over (M16, M38)', () => {
  /** Somebody's Lease, as a stale backup or anybody may leave it. */
  const theirs = (spec: object): Lease => ({
    metadata: { name: 'istio-upgrade', namespace: 'istio-system', resourceVersion: '1' },
    spec: { holderIdentity: 'them', renewTime: '2001-01-01T00:00:00.000000Z', ...spec },
  });

  function taking(server: LeaseServer, insist = true): { readonly came: () => unknown } {
    let came: unknown = 'waits';
    const request = {
      namespace: 'istio-system',
      holder: 'me',
      runUrl: 'here',
      insist,
      signal: new AbortController().signal,
      onWait: () => undefined,
    };
    acquireLock(server.cluster, request).then(
      (lock) => (came = lock),
      (error: unknown) => (came = error),
    );
    return { came: () => came };
  }

  test.each([
    ['a clock that is far behind ours', {}],
    ['a lease of a year', { leaseDurationSeconds: 31_536_000 }],
    ['a lease that is no number', { leaseDurationSeconds: 'long', renewTime: 7, leaseTransitions: 'x' }],
  ])('only after 30 s that were seen without a sign of life, and then surely: %s', async (_, spec) => {
    const server = new LeaseServer();
    server.lease = theirs(spec);
    const { came } = taking(server);
    await seconds(29);
    expect(came()).toBe('waits');
    await seconds(3);
    expect(came()).toMatchObject({ lost: expect.anything() as unknown });
    expect(server.lease.spec?.holderIdentity).toBe('me');
  });

  test('a sign of life counts from when it was seen', async () => {
    const server = new LeaseServer();
    server.lease = theirs({});
    const { came } = taking(server);
    await seconds(25);
    server.lease = theirs({ renewTime: '2001-01-01T00:00:10.000000Z' });
    await seconds(28);
    expect(came()).toBe('waits');
    await seconds(5);
    expect(server.lease.spec?.holderIdentity).toBe('me');
  });

  test('the fence counts from when the taking began, however long the server took to answer', async () => {
    const server = new LeaseServer();
    server.answersAfterMs = 24_000;
    const { came } = taking(server);
    await seconds(50);
    const lock = came() as Lock;
    server.answersAfterMs = 0;
    // Taken at 24 s and answered at 48 s: it may not be written for much longer than a margin before 54 s.
    expect(lock.fence()).toBeInstanceOf(Promise);
  });
});

describe('whoever may write Leases', () => {
  const forms = Object.entries({ ...TEXTS, ...ODDITIES });

  test.each(forms)('asks it to stop with %s, and is told in some words of his', async (_form, asked) => {
    const { server, lock } = await held();
    const annotations = { 'istio-upgrade/stop-requested-by': asked } as Record<string, string>;
    server.lease = {
      ...server.lease,
      metadata: { name: 'istio-upgrade', resourceVersion: '2', annotations },
    };
    await seconds(12);
    expect(lock.lost.reason).toBeInstanceOf(StopRequested);
    const { message } = lock.lost.reason as StopRequested;
    expect(message).toMatch(/^a rollback asked this run to stop: [^]/);
    expect(message.length).toBeLessThan(400);
    expect(message).not.toContain(JWT.slice(0, 14));
  });

  test.each(forms)(
    'holds it with %s in each place, and is named in some words of his, or it is free',
    async (_form, value) => {
      const server = new LeaseServer();
      let looks = 0;
      const get = (): Promise<Lease> =>
        Promise.resolve({
          metadata: { name: 'istio-upgrade', annotations: { 'istio-upgrade/run': value } },
          // A sign of life each time: nobody has to be waited for.
          spec: {
            holderIdentity: value,
            renewTime: String(++looks),
            acquireTime: value,
            leaseTransitions: value,
          },
        } as unknown as Lease);
      const edit: Cluster['edit'] = () => Promise.reject(AWAY);
      const taking = acquireLock({ ...server.cluster, get, edit } as unknown as Cluster, {
        namespace: 'istio-system',
        holder: 'me',
        runUrl: 'here',
        insist: false,
        signal: new AbortController().signal,
        onWait: (line) => expect(line.length).toBeLessThan(1_500),
      }).catch((error: unknown) => error);
      await seconds(3);
      const came = await taking;
      if (typeof value !== 'string' || value === '') {
        expect(came).toBe(AWAY);
        return;
      }
      expect(came).toBeInstanceOf(LockHeld);
      const { finding } = came as LockHeld;
      expect(finding.id).toBe('locked');
      expect(finding.message.length).toBeLessThan(1_100);
      expect(finding.message).not.toContain(JWT.slice(0, 14));
    },
  );
});

test('a rollback that its holder does not heed is not told to run a rollback', () => {
  const lease = { metadata: { name: 'istio-upgrade', namespace: 'istio-system' } } as Lease;
  expect(heldBy(lease, false).remedy).toContain('A rollback asks it to stop and takes over.');
  expect(heldBy(lease, true).remedy).toMatch(
    /^It was asked to stop and goes on\. Cancel it there, then run rollback again\./,
  );
});
