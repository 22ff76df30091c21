import type { Objects } from './objects.ts';

const LEASE = 'Lease istio-system/istio-upgrade';

/** Renewed more often than others look for a sign of life. */
const BEAT_MS = 1_500;

/** The holder as refusals name it; since when is given, so that a scenario can say it. */
const HOLDER = {
  holderIdentity: 'somebody',
  leaseDurationSeconds: 30,
  acquireTime: '2026-01-02T03:04:05.000000Z',
};
const RUN_URL = 'https://github.example/run/1';

/** Another run that holds the lock and shows life. */
export class HeldLock {
  readonly #objects: Objects;
  #beat: NodeJS.Timeout | undefined;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  async take(): Promise<void> {
    await this.#objects.remove(LEASE);
    await this.#objects.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: 'istio-upgrade',
        namespace: 'istio-system',
        annotations: { 'istio-upgrade/run': RUN_URL },
      },
      spec: { ...HOLDER, renewTime: now() },
    });
    this.#beat = setInterval(() => {
      // One beat that is lost is no matter.
      void this.#objects.patch(LEASE, { spec: { renewTime: now() } }).catch(() => undefined);
    }, BEAT_MS);
  }

  async free(): Promise<void> {
    this.drop();
    await this.#objects.remove(LEASE);
  }

  /** Shows no life any more. */
  drop(): void {
    clearInterval(this.#beat);
  }
}

/** As Kubernetes writes microseconds. */
function now(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
