import type { Embedded } from '../../embedded/start.ts';
import { RECORD } from './features.ts';

const ISTIO = 'istio-system';
const BEAT_MS = 200;
const STOP = 'istio-upgrade/stop-requested-by';

/** Another run that holds the lock: it lives, and gives the lock back when a rollback asks it to. */
export class Holder {
  readonly #cluster: Embedded;
  #beats: NodeJS.Timeout | undefined;

  constructor(cluster: Embedded) {
    this.#cluster = cluster;
  }

  get holds(): boolean {
    return this.#beats !== undefined;
  }

  begin(): void {
    this.#beat();
    this.#beats = setInterval(() => {
      const lease = this.#cluster.get('Lease', RECORD, ISTIO);
      if (lease?.metadata.annotations?.[STOP] === undefined) {
        this.#beat();
        return;
      }
      this.end();
      this.#patch({ metadata: { annotations: { [STOP]: null } }, spec: { holderIdentity: null } });
    }, BEAT_MS);
  }

  end(): void {
    clearInterval(this.#beats);
    this.#beats = undefined;
  }

  #beat(): void {
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    this.#patch({ spec: { holderIdentity: 'somebody/else', leaseDurationSeconds: 30, renewTime } });
  }

  #patch(patch: object): void {
    if (this.#cluster.get('Lease', RECORD, ISTIO) !== undefined)
      this.#cluster.patch('Lease', RECORD, ISTIO, patch);
  }
}
