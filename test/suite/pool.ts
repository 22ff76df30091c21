import type { StartCluster, SuiteCluster } from './cluster.ts';
import type { MeshRevision } from './scenario.ts';

/**
 * Clusters that scenarios take turns on. One that a scenario has left as it was serves the next one of the same mesh; any
 * other is closed.
 */
export class Pool {
  readonly #start: StartCluster;
  readonly #free: SuiteCluster[] = [];

  constructor(start: StartCluster) {
    this.#start = start;
  }

  async with<T>(
    mesh: MeshRevision,
    work: (cluster: SuiteCluster) => Promise<{ readonly value: T; readonly asItWas: boolean }>,
  ): Promise<T> {
    const cluster = await this.#take(mesh);
    let asItWas = false;
    try {
      const done = await work(cluster);
      asItWas = done.asItWas;
      return done.value;
    } finally {
      if (asItWas) this.#free.push(cluster);
      else await cluster.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#free.splice(0).map((cluster) => cluster.close()));
  }

  async #take(mesh: MeshRevision): Promise<SuiteCluster> {
    const index = this.#free.findIndex((cluster) => cluster.mesh === mesh);
    if (index >= 0) return this.#free.splice(index, 1)[0]!;
    return this.#start(mesh);
  }
}
