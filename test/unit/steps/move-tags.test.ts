import { describe, expect, test } from '@jest/globals';
import type { View } from '../../../src/decide/upgrade.ts';
import type { Ended, Istioctl } from '../../../src/istioctl/istioctl.ts';
import { silentLogger } from '../../../src/log.ts';
import type { UpgradeRecord } from '../../../src/record/record.ts';
import type { Context } from '../../../src/steps/context.ts';
import { moveTags, takeTagsBack } from '../../../src/steps/move-tags.ts';
import type { StepFailed } from '../../../src/steps/step.ts';
import { emptyReport } from '../report/reports.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod, view } from '../../support/mesh.ts';

const SPEC: MeshSpec = {
  planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
  tags: { default: OLD.revision, prod: OLD.revision, stable: OLD.revision },
  tagServices: { prod: OLD.revision, stable: OLD.revision },
  namespaces: { a: { 'istio.io/rev': 'prod' }, b: { 'istio.io/rev': 'stable' } },
};
const ENDED: Ended = { ok: true, words: '', denied: [] } as unknown as Ended;

/** A cluster in which istioctl moves tags as told, and what was asked of it. */
function surroundings(
  spec: MeshSpec,
  does: (tag: string, revision: string | null, now: MeshSpec) => MeshSpec,
  tags: View['upgrade']['tags'],
): { context: Context; asked: string[]; view: View } {
  let now = spec;
  const asked: string[] = [];
  const say = (tag: string, revision: string | null) => {
    asked.push(`${tag} ${revision ?? 'removed'}`);
    now = does(tag, revision, now);
    return Promise.resolve(ENDED);
  };
  const istioctl: Partial<Istioctl> = {
    setTag: ({ tag, revision }) => say(tag, revision),
    removeTag: ({ tag }) => say(tag, null),
  };
  const proved = { istioctl: istioctl as Istioctl, proof: { source: 'x', sha256: 'y' } };
  const start = view(spec);
  const upgrade = { ...start.upgrade, tags };
  const context = {
    istioctl: { to: proved, from: proved },
    upgrade,
    report: emptyReport(),
    log: silentLogger,
    signal: new AbortController().signal,
    remainingMs: () => 60_000,
    observe: () => Promise.resolve(mesh(now)),
  } as unknown as Context;
  return { context, asked, view: { ...start, upgrade } };
}

const obeys = (tag: string, revision: string | null, now: MeshSpec): MeshSpec => {
  const put = (all: Readonly<Record<string, string>> = {}): Record<string, string> =>
    revision === null
      ? Object.fromEntries(Object.entries(all).filter(([name]) => name !== tag))
      : { ...all, [tag]: revision };
  return { ...now, tags: put(now.tags), tagServices: put(now.tagServices) };
};
const BOTH = { prod: NEW.revision, stable: NEW.revision };

const failureOf = (run: Promise<unknown>): Promise<StepFailed> =>
  run.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => error as StepFailed,
  );

describe('tags are moved one after the other, and each is seen', () => {
  test('all of them, each once', async () => {
    const { context, asked, view } = surroundings(SPEC, obeys, BOTH);
    await expect(moveTags('to').run(context, view)).resolves.toContain('2 tags are');
    expect(asked).toEqual([`prod ${NEW.revision}`, `stable ${NEW.revision}`]);
  });

  test('one that is to go, and that somebody follows since, stays', async () => {
    const { context, asked, view } = surroundings(SPEC, obeys, { prod: null });
    const { findings } = await failureOf(moveTags('from').run(context, view));
    expect(findings).toMatchObject([{ id: 'tag-not-moved', object: 'tag prod' }]);
    expect(asked).toEqual([]);
  });

  test('one that was being removed loses its Service, too', async () => {
    const spec = { ...SPEC, tags: {}, tagServices: { made: NEW.revision } };
    const { context, asked, view } = surroundings(spec, obeys, { made: null });
    await expect(moveTags('from').run(context, view)).resolves.toContain('1 tag is');
    expect(asked).toEqual(['made removed']);
  });

  test('T05: istioctl says that it did, and it is not so: the next one is not begun', async () => {
    const { context, asked, view } = surroundings(SPEC, (_tag, _revision, now) => now, BOTH);
    const { findings } = await failureOf(moveTags('to').run(context, view));
    expect(findings.map(({ id, object }) => `${id} ${object ?? ''}`)).toEqual(['tag-not-moved tag prod']);
    expect(asked).toHaveLength(1);
  });

  test('promise 6: another tag, or the default, that moves with it is told', async () => {
    for (const other of ['stable', 'default']) {
      const strays = (tag: string, revision: string | null, now: MeshSpec): MeshSpec =>
        obeys(other, revision, obeys(tag, revision, now));
      const { context, view } = surroundings(SPEC, strays, { prod: NEW.revision });
      const { findings } = await failureOf(moveTags('to').run(context, view));
      expect(findings.map(({ id }) => id)).toEqual(['changed-by-accident']);
    }
  });
});

describe('tags go back before anything restarts', () => {
  const moved: MeshSpec = {
    ...SPEC,
    tags: { default: OLD.revision, prod: NEW.revision, stable: NEW.revision, made: NEW.revision },
    tagServices: { prod: NEW.revision, stable: NEW.revision, made: NEW.revision },
  };

  test('to where they were; one that was made goes', async () => {
    const { context, asked, view } = surroundings(moved, obeys, { ...BOTH, made: NEW.revision });
    const record = { tags: { prod: OLD.revision, made: null } } as unknown as UpgradeRecord;
    const told = await takeTagsBack(context, { ...view, record });
    expect(asked).toEqual([`prod ${OLD.revision}`, `stable ${OLD.revision}`, 'made removed']);
    expect(told).toEqual(['Tag prod', 'Tag stable', 'Tag made']);
  });

  test('but not where pods of its namespaces are on the target already: they would be split', async () => {
    const spec = { ...moved, pods: [pod('b/p', NEW.revision)] };
    const { context, asked, view } = surroundings(spec, obeys, BOTH);
    await takeTagsBack(context, view);
    expect(asked).toEqual([`prod ${OLD.revision}`]);
  });

  test('nor what Git has moved: it would move it again (M28)', async () => {
    const keptTags = [
      { tag: 'stable', revision: NEW.revision, object: 'x', keeper: 'Argo CD', place: 'in Git' as const },
    ];
    const { context, asked, view } = surroundings({ ...moved, keptTags }, obeys, BOTH);
    expect(await takeTagsBack(context, view)).toEqual(['Tag prod']);
    expect(asked).toEqual([`prod ${OLD.revision}`]);
  });

  test('nor where pods that chose it by themselves are on the target', async () => {
    const chosen = { ...pod('plain/p', NEW.revision), pinnedRevision: 'stable' };
    const { context, asked, view } = surroundings({ ...moved, pods: [chosen] }, obeys, BOTH);
    await takeTagsBack(context, view);
    expect(asked).toEqual([`prod ${OLD.revision}`]);
  });
});
