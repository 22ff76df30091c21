import { expect, test } from '@jest/globals';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { surgeRoom } from '../../../src/engine/surge-room.ts';
import { plane } from '../../support/mesh.ts';

const QUOTA = 'pods "x" is forbidden: exceeded quota: full, requested: pods=1, used: pods=1, limited: pods=1';

/** A cluster in which istiod has a strategy, and that answers a dry run. */
function room(strategy: object | undefined, answer: { admitted: boolean; reason?: string }) {
  const asked: string[] = [];
  const reader = {
    get: (kind: string, name: string, namespace: string) => {
      asked.push(`get ${kind} ${namespace}/${name}`);
      const spec = { replicas: 1, template: { metadata: {}, spec: { containers: [] } }, strategy };
      return Promise.resolve({ metadata: { name, namespace }, spec });
    },
    rehearse: (kind: string, _: object, namespace: string) => {
      asked.push(`rehearse ${kind} in ${namespace}`);
      return Promise.resolve({ status: 403, ...answer });
    },
  };
  const mesh = { istioNamespace: 'istio-system', planes: [plane('default', '1.30.3')] };
  const found = surgeRoom({ reader: reader as unknown as Cluster }, mesh, 'default');
  return found.then((findings) => ({ asked, findings }));
}
const refused = { admitted: false, reason: QUOTA };

test('a quota that leaves no room for one more pod of istiod is told, in the words of who refuses', async () => {
  const { asked, findings } = await room(undefined, refused);
  expect(asked).toEqual(['get Deployment istio-system/istiod', 'rehearse Pod in istio-system']);
  expect(findings).toMatchObject([
    {
      id: 'no-room-for-surge',
      severity: 'warning',
      object: 'Deployment istio-system/istiod',
      message: expect.stringContaining('exceeded quota: full'),
    },
  ]);
});

test.each<[what: string, strategy: object | undefined, answer: { admitted: boolean; reason?: string }]>([
  ['there is room', undefined, { admitted: true }],
  ['none comes beside the old one', { rollingUpdate: { maxSurge: 0 } }, refused],
  ['none by a share', { rollingUpdate: { maxSurge: '0%' } }, refused],
  ['the old ones go first', { type: 'Recreate' }, refused],
  ['this credential may not ask', undefined, { admitted: false, reason: 'pods is forbidden: User "x"' }],
])('nothing is told where %s', async (_, strategy, answer) => {
  expect((await room(strategy, answer)).findings).toEqual([]);
});
