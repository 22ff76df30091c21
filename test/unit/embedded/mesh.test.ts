import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { type Embedded, startEmbedded } from '../../../embedded/start.ts';
import { shop } from '../../../testbed/shop.ts';
import { MESH_STEPS, meshChanges, meshView } from '../../support/mesh-view.ts';
import type { ClusterObject } from '../../support/normalise.ts';

type View = ReturnType<typeof meshView>;

/**
 * The embedded mesh against the testbed's, as `scripts/record-mesh.ts` recorded it: the same objects with the same
 * names, labels, selectors and containers, as installed and after each change. Where they differ, the embedded is wrong.
 */
describe.each(['1-30-3', 'default'] as const)('a mesh of revision %s looks like the real one', (revision) => {
  const recorded = readRecording(revision);
  let cluster: Embedded;
  let before: View = {};
  beforeAll(async () => {
    cluster = await startEmbedded({ revision, objects: shop(revision) });
    before = await view();
  }, 60_000);
  afterAll(() => cluster.close());

  test('as installed', () => {
    expect(before).toEqual(recorded['as installed']);
  });

  test.each(MESH_STEPS[revision])(
    '$title: istioctl-$version $args',
    async ({ title, version, args }) => {
      expect(await cluster.istioctl(version, ...args)).toMatchObject({ code: 0 });
      const after = await view();
      const changes = meshChanges(before, after);
      before = after;
      expect(changes).toEqual(recorded[title]);
    },
    60_000,
  );

  /** Once istiod has seen the webhooks, and what was deleted has gone. */
  async function view(): Promise<View> {
    await cluster.settled();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await cluster.settled();
    return meshView(cluster.snapshot() as readonly object[] as ClusterObject[]);
  }
});

function readRecording(revision: string): Readonly<Record<string, View>> {
  const url = new URL(`../../fixtures/mesh/${revision}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Record<string, View>;
}
