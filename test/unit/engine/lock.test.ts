import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ApiError } from '../../../src/cluster/api-error.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { passage } from '../../../src/cluster/fence.ts';
import type { Lease } from '../../../src/cluster/objects.ts';
import { LockLost, type Lock, StopRequested, acquireLock } from '../../../src/engine/lock.ts';

/** An API server with one Lease, which can be away. */
class LeaseServer {
  lease: Lease | undefined;
  trouble: Error | undefined;
  patches = 0;

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
    return Promise.resolve(this.lease);
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
