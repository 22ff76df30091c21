import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  movePatch,
  namespacesToMove,
  restartValue,
  restorePatch,
  stuckBecause,
  toReplace,
} from '../../../src/istio/moves.ts';
import { isBehind, onSide } from '../../../src/istio/side.ts';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import type { MeshNamespace } from '../../../src/istio/mesh.ts';
import { restorableNamespaces } from '../../../src/istio/scope.ts';
import { NEW, OLD, mesh, plane, pod, workload } from '../../support/mesh.ts';

const SIDES = { from: OLD, to: NEW };
const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];

function shop(
  labels: Readonly<Record<string, string>>,
  originals?: Readonly<Record<string, string | null>>,
): MeshNamespace {
  const [namespace] = mesh({
    planes: [],
    namespaces: { shop: labels },
    ...(originals && { originals: { shop: originals } }),
  }).namespaces;
  if (namespace === undefined) throw new Error('no namespace');
  return namespace;
}

/** Applies a merge patch to labels and annotations, as the API server does. */
function apply(target: Record<string, string>, changes: Record<string, string | null> | undefined) {
  const merged = { ...target, ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as Record<
    string,
    string
  >;
}

describe('moving a namespace', () => {
  const choice = fc.record(
    {
      'istio-injection': fc.constantFrom('enabled', 'disabled'),
      'istio.io/rev': fc.constantFrom(OLD.revision, 'default'),
      team: fc.constant('blue'),
    },
    { requiredKeys: [] },
  );

  test('promise 3: whatever the labels were, moving (twice) and restoring gives them back', () => {
    fc.assert(
      fc.property(choice, fc.boolean(), (given, twice) => {
        const original = given as Record<string, string>;
        const first = movePatch(shop(original), NEW.revision) as Patch;
        let labels = apply(original, first.metadata.labels);
        let originals = JSON.parse(
          first.metadata.annotations['istio-upgrade/original-labels'] ?? '',
        ) as Record<string, string | null>;
        if (twice) {
          const second = movePatch(shop(labels, originals), NEW.revision) as Patch;
          labels = apply(labels, second.metadata.labels);
          originals = JSON.parse(
            second.metadata.annotations['istio-upgrade/original-labels'] ?? '',
          ) as Record<string, string | null>;
        }
        expect(labels['istio-injection']).toBeUndefined();
        const back = restorePatch({ originals }) as Patch;
        expect(apply(labels, back.metadata.labels)).toEqual(original);
        expect(back.metadata.annotations['istio-upgrade/original-labels']).toBeNull();
      }),
    );
  });

  test('M37: an annotation that does not fit the labels is stale: the labels are what there is to go back to', () => {
    const stale = { 'istio-injection': 'enabled', 'istio.io/rev': null };
    const patch = movePatch(shop({ 'istio.io/rev': OLD.revision }, stale), NEW.revision) as Patch;
    expect(JSON.parse(patch.metadata.annotations['istio-upgrade/original-labels'] ?? '')).toEqual({
      'istio-injection': null,
      'istio.io/rev': OLD.revision,
    });
  });

  test('somebody applies it again: istio-injection is back beside the revision of ours, which was never its own', () => {
    const both = { 'istio-injection': 'enabled', 'istio.io/rev': NEW.revision };
    const before = { 'istio-injection': 'enabled', 'istio.io/rev': null };
    const patch = movePatch(shop(both, before), NEW.revision) as Patch;
    expect(JSON.parse(patch.metadata.annotations['istio-upgrade/original-labels'] ?? '')).toEqual(before);
  });

  test('only namespaces that choose something else are moved, and only those asked for', () => {
    const state = mesh({
      planes,
      tags: { default: OLD.revision },
      namespaces: {
        a: { 'istio.io/rev': OLD.revision },
        b: { 'istio-injection': 'enabled' },
        c: { 'istio.io/rev': NEW.revision },
        d: { 'istio.io/rev': OLD.revision },
        outside: {},
      },
    });
    const names = namespacesToMove(state, ['a', 'b', 'c', 'outside'], NEW.revision).map(({ name }) => name);
    expect(names).toEqual(['a', 'b']);
  });

  test('labels are put back in promote only where they choose the target by then', () => {
    const moved = { 'istio.io/rev': NEW.revision };
    const spec = {
      planes,
      namespaces: { follower: moved, named: moved, both: moved },
      originals: {
        follower: { 'istio-injection': 'enabled', 'istio.io/rev': null },
        named: { 'istio-injection': null, 'istio.io/rev': OLD.revision },
        both: { 'istio-injection': 'enabled', 'istio.io/rev': OLD.revision },
      },
    };
    const names = (tag: string) =>
      restorableNamespaces(mesh({ ...spec, tags: { default: tag } }), NEW.revision).map(({ name }) => name);
    expect(names(OLD.revision)).toEqual([]);
    expect(names(NEW.revision)).toEqual(['follower', 'both']);
  });
});

interface Patch {
  readonly metadata: {
    readonly labels?: Record<string, string | null>;
    readonly annotations: Record<string, string | null>;
  };
}

describe('what has to be restarted', () => {
  test('promise 2: is decided by what pods show', () => {
    const state = mesh({
      planes,
      workloads: [
        workload('a/old'),
        workload('a/new'),
        workload('a/on-delete', { onDelete: true }),
        workload('a/bare'),
      ],
      pods: [
        pod('a/old-1', OLD.revision),
        pod('a/new-1', NEW.revision),
        pod('a/new-2', OLD.revision, { terminating: true }),
        pod('a/on-delete-1', OLD.revision),
        pod('a/job-1', OLD.revision, { owner: { kind: 'Job', name: 'job' } }),
        pod('a/alone-1', OLD.revision, { owner: undefined }),
        pod('a/bare-1', undefined, { injectedBy: [NEW.revision] }),
        pod('a/none-1', undefined),
      ],
    });
    const { workloads, stragglers } = toReplace(state, isBehind(SIDES), NOTHING_BEFORE, SIDES);
    expect(workloads.map(({ name }) => name)).toEqual(['old', 'bare']);
    expect(stragglers.map(({ name }) => name)).toEqual(['on-delete-1', 'job-1', 'alone-1']);
    expect(
      toReplace(state, onSide(SIDES, 'to'), NOTHING_BEFORE, SIDES).workloads.map(({ name }) => name),
    ).toEqual(['new']);
  });

  test('M21, M27: what was broken before, and what its injector leaves alone, is not restarted and is no straggler', () => {
    const rollout = { done: false, desired: 1, updated: 0, available: 0, message: 'no image' };
    const state = mesh({
      planes,
      workloads: [workload('a/broken', { rollout }), workload('a/mended'), workload('a/declined')],
      pods: [
        pod('a/broken-1', OLD.revision),
        pod('a/mended-1', OLD.revision),
        pod('a/declined-1', undefined, { injectedBy: [OLD.revision] }),
      ],
    });
    const found = toReplace(
      state,
      isBehind(SIDES),
      {
        ...NOTHING_BEFORE,
        troubled: new Set(['Deployment a/broken', 'Deployment a/mended']),
        declined: new Set(['Deployment a/declined']),
      },
      SIDES,
    );
    expect(found.workloads.map(({ name }) => name)).toEqual(['mended']);
    expect(found.troubled.map(({ name }) => name)).toEqual(['broken']);
    expect(found.stragglers).toEqual([]);
  });

  test.each([
    ['rendered whole', {}, []],
    ['injected', { injectedBy: [OLD.revision] }, ['edge']],
    // Its rendering for the other revision names that.
    ['injected as its template chooses', { injectedBy: [OLD.revision], pinnedRevision: OLD.revision }, []],
  ])('a gateway of istioctl, %s', (_, facts, due) => {
    const state = mesh({
      planes,
      workloads: [workload('edge/edge', { gateway: 'installed', ...facts })],
      pods: [pod('edge/edge-1', OLD.revision)],
    });
    const { workloads } = toReplace(state, isBehind(SIDES), NOTHING_BEFORE, SIDES);
    expect(workloads.map(({ name }) => name)).toEqual(due);
  });

  test('M24, M41: what was accepted, and what is in a namespace that goes, is left alone', () => {
    const state = mesh({
      planes,
      namespaces: { a: { 'istio.io/rev': OLD.revision }, going: { 'istio.io/rev': OLD.revision } },
      namespaceFacts: { going: { terminating: true } },
      workloads: [workload('going/w')],
      pods: [
        pod('a/alone-1', OLD.revision, { owner: undefined, accepted: true }),
        pod('going/w-1', OLD.revision),
      ],
    });
    expect(toReplace(state, isBehind(SIDES), NOTHING_BEFORE, SIDES)).toEqual({
      workloads: [],
      troubled: [],
      stragglers: [],
    });
  });

  test.each([
    ['paused', { paused: true }, 'paused'],
    ['OnDelete', { onDelete: true }, 'OnDelete'],
    ['M23: with a partition', { partition: 2 }, 'partition 2'],
  ])('a workload that is %s: its pods are stragglers, and why', (_, changes, why) => {
    const stuck = workload('a/w', changes);
    expect(stuckBecause(stuck)).toContain(why);
    const state = mesh({ planes, workloads: [stuck], pods: [pod('a/w-1', OLD.revision)] });
    expect(
      toReplace(state, isBehind(SIDES), NOTHING_BEFORE, SIDES).stragglers.map(({ name }) => name),
    ).toEqual(['w-1']);
  });

  test.each([
    [undefined, true, 'r@v#a'],
    ['r@v#a', false, undefined],
    ['r@v#a', true, 'r@v#a.2'],
    ['r@v#a.2', false, undefined],
    ['r@v#a.9', true, 'r@v#a.10'],
    ['r@v#b', false, 'r@v#a'],
  ])('restartValue(%s, done: %s) is %s', (current, done, expected) => {
    expect(restartValue(current, 'r@v#a', done)).toBe(expected);
  });
});

test('M21: what was broken before and is on the canary by now goes back all the same', () => {
  const rollout = { done: false, desired: 1, updated: 0, available: 0, message: 'no image' };
  const state = mesh({
    planes: [],
    workloads: [workload('a/broken', { rollout })],
    pods: [pod('a/broken-1', NEW.revision)],
  });
  const before = { ...NOTHING_BEFORE, troubled: new Set(['Deployment a/broken']) };
  const found = toReplace(state, onSide(SIDES, 'to'), before, SIDES);
  expect(found.workloads.map(({ name }) => name)).toEqual(['broken']);
  expect(found.troubled).toEqual([]);
});
