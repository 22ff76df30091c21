import { expect, test } from '@jest/globals';
import { meshOnceBack } from '../../../src/istio/mesh-once-back.ts';
import { rollback } from '../../../src/phases/rollback.ts';
import type { View } from '../../../src/decide/upgrade.ts';
import type { MeshPod } from '../../../src/istio/mesh.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod, view, workload } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const named = (revision: string) => ({ 'istio.io/rev': revision });

/** A promoted mesh: of what every namespace follows, and what a rollback finds there. */
function promoted(changes: Partial<MeshSpec> = {}): MeshSpec {
  return {
    planes,
    tags: { default: NEW.revision, prod: NEW.revision, made: NEW.revision },
    defaultValidator: NEW.revision,
    namespaces: {
      moved: named(NEW.revision),
      tagged: named('prod'),
      followed: { 'istio-injection': 'enabled' },
      theirs: named(NEW.revision),
      plain: {},
    },
    originals: { moved: named(OLD.revision) },
    ...changes,
  };
}

function promotedView(changes: Partial<MeshSpec> = {}): View {
  const spec = promoted(changes);
  const plain = view(spec);
  return { ...plain, upgrade: { ...plain.upgrade, tags: { prod: OLD.revision, made: null } } };
}

/** What the dry run of a rollback shows, and what the run plans when the step's turn comes. */
function restarts(seen: View) {
  const unused = [{}, [], {}] as unknown as Parameters<typeof rollback.steps>;
  const step = rollback.steps(...unused).find(({ id }) => id === 'restart-workloads')!;
  const objects = (changes: readonly { readonly object: string }[] = []) =>
    changes.map(({ object }) => object);
  return { shown: objects(step.foresee?.(seen)), now: objects(step.plan?.(seen)) };
}

const everywhere = (names: readonly string[], changes: Partial<MeshPod> = {}): Partial<MeshSpec> => ({
  workloads: names.map((name) => workload(`${name}/w`, { injectedBy: [NEW.revision] })),
  pods: names.map((name) => pod(`${name}/w-1`, NEW.revision, changes)),
});

test('a rollback shows the restarts that its own tags, labels and default make necessary, and no others', () => {
  const seen = promotedView(everywhere(['moved', 'tagged', 'followed', 'theirs']));
  expect(restarts(seen)).toEqual({
    shown: ['Deployment moved/w', 'Deployment tagged/w', 'Deployment followed/w'],
    now: [],
  });
});

test('what its own template keeps on the target is not shown', () => {
  const pinned = { pinnedRevision: NEW.revision, injectedBy: [NEW.revision] };
  const seen = promotedView({
    workloads: [workload('plain/w', pinned)],
    pods: [pod('plain/w-1', NEW.revision, pinned)],
  });
  expect(restarts(seen).shown).toEqual([]);
});

test('what was restarted while nobody injected it is shown, too', () => {
  const seen = promotedView({
    workloads: [workload('moved/w', { injectedBy: [NEW.revision], restartedFor: 'new@1.31.0#x' })],
    pods: [
      { ...pod('moved/w-1', undefined), injectedBy: [NEW.revision] },
      { ...pod('moved/w-2', undefined), injectedBy: [] },
    ],
  });
  expect(restarts(seen).shown).toEqual(['Deployment moved/w']);
});

test('a tag that goes injects nobody, and one that led elsewhere does so again', () => {
  const spec = promoted({ namespaces: { a: named('made'), b: named('prod') }, originals: {} });
  const { upgrade } = view(spec);
  const after = meshOnceBack(mesh(spec), { ...upgrade, tags: { made: null, prod: '1-29-0' } });
  expect(after.namespaces.map(({ injectedBy }) => injectedBy)).toEqual([[], ['1-29-0']]);
});

test('where all has gone back it is the mesh as it is', () => {
  const spec = promoted({
    tags: { default: OLD.revision, prod: OLD.revision },
    namespaces: { a: named(OLD.revision), b: named('prod'), c: { 'istio-injection': 'enabled' } },
    originals: {},
    ...everywhere(['a', 'b', 'c'], { injectedBy: [OLD.revision] }),
  });
  const { upgrade } = view(spec);
  expect(meshOnceBack(mesh(spec), upgrade)).toEqual(mesh(spec));
});

test('without an old control plane the default stays where it is', () => {
  const spec = promoted({ planes: planes.slice(1) });
  const after = meshOnceBack(mesh(spec), view(spec).upgrade);
  expect(after.namespaces.find(({ name }) => name === 'followed')?.injectedBy).toEqual([NEW.revision]);
});
