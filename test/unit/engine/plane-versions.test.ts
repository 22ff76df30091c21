import { describe, expect, test } from '@jest/globals';
import type { Facts } from '../../../src/decide/facts.ts';
import { withPlaneVersions } from '../../../src/engine/plane-versions.ts';
import type { Session } from '../../../src/engine/session.ts';
import { versionNotes, withTold } from '../../../src/istio/plane-version.ts';
import type { MeshPod } from '../../../src/istio/mesh.ts';
import type { Unreadable } from '../../../src/istioctl/reading.ts';
import type { MeshVersion } from '../../../src/istioctl/mesh-version.ts';
import { silentLogger } from '../../../src/log.ts';
import { mesh, plane, pod } from '../../support/mesh.ts';

const said = (istiods: readonly string[], proxies: readonly string[] = []): MeshVersion => ({
  readable: true,
  istiods,
  proxies,
});
const SILENT = { ...plane('1-30-3', ''), version: undefined, versionFrom: undefined };
const ON_OLD = { ...pod('a/p', '1-30-3'), version: '1.30.1' };

/** What is known of a mesh whose old control plane does not tell its version. */
async function told(
  answer: MeshVersion | Unreadable,
  {
    inputs = { version: '1.31.0' },
    pods = [ON_OLD],
  }: { inputs?: Partial<Facts['inputs']>; pods?: readonly MeshPod[] } = {},
) {
  const asked: string[] = [];
  const session = {
    inputs: {},
    deps: { log: silentLogger, signal: new AbortController().signal },
    told: new Map(),
    getThrough: () => Promise.resolve(),
    mesh: { outdate: () => undefined },
    istioctl: (release: { version: string }) => {
      asked.push(`istioctl ${release.version}`);
      const meshVersion = ({ revision }: { revision: string }) => {
        asked.push(revision);
        return Promise.resolve(answer);
      };
      return Promise.resolve({ istioctl: { meshVersion } });
    },
  } as unknown as Session;
  const seen = { ...mesh({ planes: [], pods }), planes: [SILENT, plane('1-31-0', '1.31.0')] };
  const facts = { inputs, mesh: seen, record: undefined } as unknown as Facts;
  const { mesh: known } = await withPlaneVersions(session, facts);
  return { known, asked, again: withTold(seen, session.told) };
}

describe('F05, M25: a control plane whose image and label tell no version', () => {
  test('istiod itself is asked, by the istioctl of the target', async () => {
    const { known, asked, again } = await told(said(['1.30.3-solo'], ['1.29.0']));
    expect(known.planes[0]).toMatchObject({ version: '1.30.3', versionFrom: 'istiod' });
    expect(asked).toEqual(['istioctl 1.31.0', '1-30-3']);
    expect(again.planes).toEqual(known.planes);
    expect(versionNotes(known)).toEqual([
      'Revision 1-30-3 is version 1.30.3, as its istiod says itself: its image does not tell.',
    ]);
  });

  test.each<[string, MeshVersion | Unreadable, string]>([
    ['says nothing', said([]), '1.30.1'],
    ['can not be asked', { readable: false, reason: 'no' }, '1.30.1'],
    ['is a build of its own, with proxies that are none', said(['1.16-dev'], ['1.30.2', '1.30.2']), '1.30.2'],
  ])('where istiod %s, its proxies are looked at', async (_, answer, version) => {
    const { known } = await told(answer);
    expect(known.planes[0]).toMatchObject({ version, versionFrom: 'proxies' });
  });

  test('two that contradict each other are not believed, nor is anybody else', async () => {
    expect((await told(said(['1.30.3', '1.30.4']))).known.planes[0]?.version).toBeUndefined();
    expect((await told(said(['1.30.3', '1.30.3']))).known.planes[0]?.version).toBe('1.30.3');
  });

  test('nobody is asked where no target is known, and nothing is guessed from proxies that differ', async () => {
    const other = { ...pod('a/q', '1-30-3'), version: '1.30.2' };
    const { known, asked } = await told(said(['1.30.3']), { inputs: {}, pods: [ON_OLD, other] });
    expect(asked).toEqual([]);
    expect(known.planes[0]?.version).toBeUndefined();
  });
});

test('what was told of a control plane does not hold for another in its place', () => {
  const seen = { ...mesh({ planes: [] }), planes: [{ ...SILENT, fingerprint: 'other' }] };
  const known = new Map([[SILENT.fingerprint, { version: '1.30.3', source: 'istiod' as const }]]);
  expect(withTold(seen, known).planes[0]?.version).toBeUndefined();
});
