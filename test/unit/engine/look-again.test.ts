import { describe, expect, test } from '@jest/globals';
import { unknownProxies } from '../../../src/checks/unknown-proxies.ts';
import { beforeOf } from '../../../src/decide/before-of.ts';
import type { Facts } from '../../../src/decide/facts.ts';
import { glance } from '../../../src/engine/glance.ts';
import { lookAgain } from '../../../src/engine/look.ts';
import type { Session } from '../../../src/engine/session.ts';
import type { MeshPod } from '../../../src/istio/mesh.ts';
import { facts } from '../../support/facts.ts';
import { type MeshSpec, NEW, OLD, mesh, plane, pod, view } from '../../support/mesh.ts';

const spec = (pods: readonly MeshPod[]): MeshSpec => ({
  planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
  namespaces: { a: {} },
  pods,
});

const of = (name: string, changes: Partial<MeshPod> = {}): MeshPod =>
  pod(`a/${name}`, OLD.revision, { uid: name, ...changes });

/** Looks while istiod of the old side tells of `connected`, and the pods are one after the other as given. */
async function seen(connected: readonly string[], ...looks: readonly (readonly MeshPod[])[]) {
  const queue = looks.map((pods) => mesh(spec(pods)));
  let reads = 0;
  const session = {
    mesh: glance(() => {
      reads++;
      return Promise.resolve((queue.length > 1 ? queue.shift() : queue[0]) ?? mesh(spec([])));
    }),
    record: glance(() => Promise.resolve(undefined)),
    reader: { may: () => Promise.resolve(false) },
    deps: { signal: new AbortController().signal },
  } as unknown as Session;
  const proxyStatus = ({ revision }: { readonly revision: string }) =>
    Promise.resolve({
      readable: true,
      istiods: ['i'],
      proxies: (revision === OLD.revision ? connected : []).map((name) => ({
        namespace: 'a',
        name,
        version: OLD.version,
        istiod: 'i',
        sync: 'synced',
        detail: '',
      })),
    });
  const { upgrade } = view(spec([]));
  const found: Facts = await lookAgain(session, facts({ phase: 'promote' }, spec([])), {
    istioctl: { to: { istioctl: { proxyStatus } }, from: { istioctl: { proxyStatus } } } as never,
    upgrade,
    asks: ['from', 'to'],
  });
  const unknown = unknownProxies({ ...view(spec([])), ...found, phase: 'promote' } as never);
  const { unsynced, unconnected } = beforeOf(found, upgrade, undefined);
  return {
    reads,
    unknown: unknown.map(({ object }) => object),
    excused: [...new Set([...unsynced, ...unconnected])],
  };
}

describe('between the look at the pods and the answer of istiod', () => {
  test('a pod that was born is not unknown', async () => {
    const { unknown, reads } = await seen(['web-1', 'web-2'], [of('web-1')], [of('web-1'), of('web-2')]);
    expect(unknown).toEqual([]);
    expect(reads).toBe(2);
  });

  test('a pod that came and went is known from the first look', async () => {
    const { unknown } = await seen(['web-1', 'gone-1'], [of('web-1'), of('gone-1')], [of('web-1')]);
    expect(unknown).toEqual([]);
  });

  test('who is in neither look is unknown', async () => {
    const { unknown } = await seen(['web-1', 'hand'], [of('web-1')], [of('web-1'), of('web-2')]);
    expect(unknown).toEqual(['Pod a/hand']);
  });

  test.each([
    ['ended', []],
    ['is ending', [of('web-2', { terminating: true })]],
    ['was made anew under its name', [of('web-2', { uid: 'another' })]],
  ])('a pod that %s excuses nobody', async (_, rest) => {
    const { excused } = await seen(['web-1'], [of('web-1'), of('web-2')], [of('web-1'), ...rest]);
    expect(excused).toEqual([]);
  });

  test('a pod that is there all the while and not connected was so before', async () => {
    const { excused } = await seen(['web-1'], [of('web-1'), of('api-1')]);
    expect(excused).toEqual(['Deployment a/api']);
  });

  test('where all agree, the pods are read once', async () => {
    const { reads } = await seen(['web-1'], [of('web-1'), of('new-1', { ready: false })]);
    expect(reads).toBe(1);
  });
});
