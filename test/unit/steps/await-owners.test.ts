import { describe, expect, test } from '@jest/globals';
import { silentLogger } from '../../../src/log.ts';
import { awaitOwners } from '../../../src/steps/await-owners.ts';
import type { Context } from '../../../src/steps/context.ts';
import { StepFailed } from '../../../src/steps/step.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, view, workload } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const of = (revision: string, changes: object = {}): MeshSpec => ({
  planes,
  workloads: [workload('edge/ingress', { injectedBy: [revision], pinnedRevision: revision, ...changes })],
});

/** The mesh as it is at each look; the last one stays. */
async function run(side: 'from' | 'to', looks: readonly MeshSpec[], waitForOwnersMs: number) {
  const [first = of(OLD.revision)] = looks;
  const start = view(first);
  let at = 0;
  const context = {
    inputs: { waitForOwnersMs },
    upgrade: start.upgrade,
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => 60_000,
    observe: () => Promise.resolve(mesh(looks[Math.min(++at, looks.length - 1)] ?? first)),
  } as unknown as Context;
  try {
    return await awaitOwners(side).run(context, start);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    return error.findings.map(({ id, object, remedy = '' }) => `${id} ${object ?? ''} ${remedy}`);
  }
}

describe('templates that others keep', () => {
  test('where none chooses the revision that is left, nothing is waited for', async () => {
    expect(await run('to', [of(NEW.revision)], 0)).toContain('no template');
    expect(await run('to', [of(OLD.revision, { accepted: true })], 0)).toContain('no template');
  });

  test('one that follows a tag moves with it', async () => {
    const tagged = { ...of(OLD.revision, { pinnedRevision: 'prod' }), tags: { prod: OLD.revision } };
    expect(await run('to', [tagged], 0)).toContain('no template');
  });

  test('it is waited for until who keeps it has changed it', async () => {
    const looks = [of(OLD.revision), of(OLD.revision), of(NEW.revision)];
    expect(await run('to', looks, 30_000)).toBe('Deployment edge/ingress: changed meanwhile');
  });

  test.each<['from' | 'to', string, string]>([
    ['to', OLD.revision, NEW.revision],
    ['from', NEW.revision, OLD.revision],
  ])('towards %s: when the time is up the one value is named', async (side, is, wanted) => {
    expect(await run(side, [of(is)], 0)).toEqual([
      `template-pins-revision Deployment edge/ingress Change the label istio.io/rev of its template to ${wanted}: kubectl edit deployment ingress -n edge. Or label its namespace instead.`,
    ]);
  });
});
