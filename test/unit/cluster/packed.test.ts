import { describe, expect, test } from '@jest/globals';
import type { Pod } from '../../../src/cluster/objects.ts';
import { isPacked, unpackAnswer } from '../../../src/cluster/packed.ts';

/** A field whose content is bytes. */
const bytes = (field: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
};
const text = (field: number, content: string): Buffer => bytes(field, Buffer.from(content));
const number = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);
const pair = (field: number, key: string, value: string): Buffer =>
  bytes(field, text(1, key), text(2, value));

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) + 128);
  return Buffer.from([...out, Number(rest)]);
}

const answer = (kind: string, ...raw: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from('k8s\0'), bytes(1, text(1, 'v1'), text(2, kind)), bytes(2, ...raw)]);

/** As the API server packs it, with fields in between that nobody reads. */
const POD = bytes(
  2,
  bytes(
    1,
    text(1, 'cart-1'),
    text(2, 'cart-'),
    text(3, 'shop'),
    text(5, 'uid-1'),
    text(6, '77'),
    number(7, 0),
    bytes(8, number(1, 1_790_000_000), number(2, 0)),
    bytes(9, number(1, 1_790_000_060)),
    pair(11, 'app', 'cart'),
    pair(11, 'empty', ''),
    pair(12, 'sidecar.istio.io/status', '{"revision":"1-30-3"}'),
    bytes(13, text(1, 'ReplicaSet'), text(3, 'cart-abc'), text(5, 'apps/v1'), number(6, 1)),
    bytes(17, text(1, 'kubelet')),
  ),
  bytes(
    2,
    bytes(1, text(1, 'a volume')),
    bytes(
      2,
      text(1, 'istio-proxy'),
      text(2, 'docker.io/istio/proxyv2:1.30.3'),
      text(4, 'proxy'),
      text(4, 'sidecar'),
      bytes(7, text(1, 'CA_ADDR'), text(2, 'istiod.istio-system.svc:15012')),
      bytes(7, text(1, 'POD_NAME'), text(2, ''), bytes(3, text(1, 'fieldRef'))),
    ),
    text(10, 'node-1'),
    number(11, 1),
    bytes(20, text(1, 'istio-init'), text(2, '')),
  ),
  bytes(
    3,
    text(1, 'Running'),
    bytes(2, text(1, 'Ready'), text(2, 'False'), text(5, 'ContainersNotReady'), text(6, 'not ready: [app]')),
    bytes(
      8,
      text(1, 'app'),
      bytes(2, bytes(1, text(1, 'CrashLoopBackOff'), text(2, 'back-off'))),
      number(4, 0),
      number(5, 3),
    ),
    bytes(8, text(1, 'istio-proxy'), bytes(2, bytes(2)), number(4, 1), number(5, 0)),
    bytes(
      10,
      text(1, 'istio-init'),
      bytes(2, bytes(3, number(1, -1), text(3, 'Error'))),
      number(4, 0),
      number(5, 1),
    ),
  ),
);

const JSON_FORM: Pod = {
  metadata: {
    name: 'cart-1',
    namespace: 'shop',
    uid: 'uid-1',
    resourceVersion: '77',
    creationTimestamp: '2026-09-21T14:13:20Z',
    deletionTimestamp: '2026-09-21T14:14:20Z',
    labels: { app: 'cart', empty: '' },
    annotations: { 'sidecar.istio.io/status': '{"revision":"1-30-3"}' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-abc', controller: true }],
  },
  spec: {
    containers: [
      {
        name: 'istio-proxy',
        image: 'docker.io/istio/proxyv2:1.30.3',
        args: ['proxy', 'sidecar'],
        env: [{ name: 'CA_ADDR', value: 'istiod.istio-system.svc:15012' }, { name: 'POD_NAME' }],
      },
    ],
    initContainers: [{ name: 'istio-init' }],
    nodeName: 'node-1',
    hostNetwork: true,
  },
  status: {
    phase: 'Running',
    conditions: [
      { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'not ready: [app]' },
    ],
    containerStatuses: [
      {
        name: 'app',
        ready: false,
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
      },
      { name: 'istio-proxy', ready: true, restartCount: 0, state: {} },
    ],
    initContainerStatuses: [
      {
        name: 'istio-init',
        ready: false,
        restartCount: 1,
        state: { terminated: { reason: 'Error', exitCode: -1 } },
      },
    ],
  },
};

describe('an answer in the protobuf form', () => {
  test('is told by its content type', () => {
    expect(isPacked('application/vnd.kubernetes.protobuf')).toBe(true);
    expect(isPacked('application/json')).toBe(false);
    expect(isPacked(undefined)).toBe(false);
  });

  test('lists pods as its JSON would, with what a watch or the next page needs', () => {
    const list = answer('PodList', bytes(1, text(2, '901'), text(3, 'more'), number(4, 7)), POD, POD);
    expect(unpackAnswer(list)).toEqual({
      kind: 'PodList',
      metadata: { resourceVersion: '901', continue: 'more' },
      items: [JSON_FORM, JSON_FORM],
    });
  });

  test('may be a refusal', () => {
    const status = answer(
      'Status',
      bytes(1),
      text(2, 'Failure'),
      text(3, 'pods is forbidden'),
      text(4, 'Forbidden'),
      number(6, 403),
    );
    expect(unpackAnswer(status)).toEqual({
      kind: 'Status',
      message: 'pods is forbidden',
      reason: 'Forbidden',
    });
  });

  test.each([
    ['is cut short', answer('PodList', POD).subarray(0, -5)],
    ['is something else', Buffer.from('{"kind":"PodList"}')],
    ['is of another kind', answer('SecretList')],
    ['has a field of no known kind', Buffer.concat([answer('PodList'), varint(3 * 8 + 3)])],
    ['is empty', Buffer.alloc(0)],
  ])('is an error where it %s', (_, broken) => {
    expect(() => unpackAnswer(broken)).toThrow();
  });

  test('never has fewer pods than were sent: cut anywhere, it is an error', () => {
    const whole = answer('PodList', POD);
    for (let length = 0; length < whole.length; length++) {
      let seen: unknown;
      try {
        seen = unpackAnswer(whole.subarray(0, length));
      } catch {
        continue;
      }
      expect([length, seen]).toEqual([length, 'an error']);
    }
  });
});
