import { expect, test } from '@jest/globals';
import type { Finding } from '../../../src/finding.ts';
import { silentLogger } from '../../../src/log.ts';
import type { Context } from '../../../src/steps/context.ts';
import { seeGoal } from '../../../src/steps/see-goal.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, view } from '../../support/mesh.ts';

/** Runs the step with time enough; how often it looked. */
async function see(spec: MeshSpec): Promise<{ looks: number; ended: unknown }> {
  let looks = 0;
  const context = {
    log: silentLogger,
    signal: AbortSignal.timeout(2_000),
    remainingMs: () => 60_000,
    observe: () => {
      looks++;
      return Promise.resolve(mesh(spec));
    },
  } as unknown as Context;
  const ended: unknown = await seeGoal('promote')
    .run(context, view(spec))
    .catch((error: unknown) => error);
  return { looks, ended };
}

const spec: MeshSpec = {
  planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
  tags: { default: NEW.revision },
  namespaces: { a: { 'istio.io/rev': NEW.revision } },
};

test('a label that somebody has put back is told after a few looks, and not waited for', async () => {
  const { looks, ended } = await see({ ...spec, namespaces: { a: { 'istio.io/rev': OLD.revision } } });
  expect(looks).toBe(3);
  const { findings } = ended as { findings: readonly Finding[] };
  expect(findings.map(({ id, object = '' }) => `${id} ${object}`)).toContain('goal-not-reached Namespace a');
});

test('a control plane that is not ready may get ready', async () => {
  const rollout = { done: false, desired: 1, updated: 0, available: 0, message: 'not yet' };
  const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version, { rollout })];
  const { looks, ended } = await see({ ...spec, planes });
  expect(looks).toBeGreaterThan(3);
  expect(ended).toMatchObject({ name: 'AbortError' });
});
