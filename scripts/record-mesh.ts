import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MESH_KINDS, MESH_STEPS, meshChanges, meshView } from '../test/support/mesh-view.ts';
import type { ClusterObject } from '../test/support/normalise.ts';
import { down, inside, up } from '../test/support/testbed.ts';

/**
 * Records on the testbed what a real mesh looks like after each of the steps that the embedded cluster must do alike,
 * into `test/fixtures/mesh`. Run it when the testbed's Istio is another one: `node scripts/record-mesh.ts`.
 */
const FIXTURES = fileURLToPath(new URL('../test/fixtures/mesh/', import.meta.url));

async function must(name: string, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await inside(name, argv);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${String(code)}: ${stderr}`);
  return stdout;
}

async function see(name: string): Promise<Readonly<Record<string, unknown>>> {
  // What was deleted or replaced last is to have gone, and istiod is to have seen the webhooks.
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const kinds = MESH_KINDS.join(',');
  const { items } = JSON.parse(await must(name, ['kubectl', 'get', kinds, '-A', '-o', 'json'])) as {
    items: ClusterObject[];
  };
  return meshView(items);
}

/** An object a line, so that a difference can be read. */
function linesOf(recorded: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  const parts = Object.entries(recorded).map(([title, objects]) => {
    const lines = Object.entries(objects).map(
      ([key, view]) => `${JSON.stringify(key)}: ${JSON.stringify(view)}`,
    );
    return `${JSON.stringify(title)}: {\n${lines.join(',\n')}\n}`;
  });
  return `{\n${parts.join(',\n')}\n}\n`;
}

for (const [revision, steps] of Object.entries(MESH_STEPS)) {
  const name = `record-${revision}`;
  try {
    await up(name, ['--revision', revision]);
    let before = await see(name);
    const recorded = { 'as installed': before };
    for (const { title, version, args } of steps) {
      await must(name, [`istioctl-${version}`, ...args]);
      const after = await see(name);
      Object.assign(recorded, { [title]: meshChanges(before, after) });
      before = after;
    }
    writeFileSync(`${FIXTURES}${revision}.json`, linesOf(recorded));
  } finally {
    await down(name);
  }
}
