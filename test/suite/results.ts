import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { differences } from './differences.ts';
import type { Played } from './play.ts';
import type { ClusterKind, Scenario } from './scenario.ts';

/** What came of the scenarios, in a folder: a file for each on each cluster. */
export class Results {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  write(cluster: ClusterKind, { id }: Scenario, played: Played): void {
    mkdirSync(join(this.#dir, cluster), { recursive: true });
    writeFileSync(this.#path(cluster, id), JSON.stringify(played, null, 2));
  }

  read(cluster: ClusterKind, { id }: Scenario): Played | undefined {
    const path = this.#path(cluster, id);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Played) : undefined;
  }

  /** Where the embedded cluster shows something else than the testbed, which is the judge. A result that lacks is a difference. */
  disagreement(scenario: Scenario): string[] {
    const embedded = this.read('embedded', scenario);
    const testbed = this.read('testbed', scenario);
    if (embedded === undefined || testbed === undefined)
      return [`there is no result of the ${embedded === undefined ? 'embedded cluster' : 'testbed'}`];
    const count = Math.max(embedded.acts.length, testbed.acts.length);
    return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
      const is = embedded.acts[index];
      const wanted = testbed.acts[index];
      const act = wanted?.act ?? is?.act ?? '';
      return differences(is, wanted).map((line) => `${String(index + 1)}. ${act}: ${line}`);
    });
  }

  #path(cluster: ClusterKind, id: string): string {
    return join(this.#dir, cluster, `${id}.json`);
  }
}
