import { describe, expect, test } from '@jest/globals';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { clusterIdOf, unexpectedCluster } from '../../../src/cluster/identity.ts';
import { readKubeconfig } from '../../../src/cluster/kubeconfig.ts';
import { insecureTransport } from '../../../src/cluster/transport.ts';

const SAFE = { server: 'https://api.example:6443', skipsVerification: false, nodeRejects: undefined };
const CHANGES = { changes: true, allowed: false };
const LOOKS = { changes: false, allowed: false };
const ids = (...args: Parameters<typeof insecureTransport>): string[] =>
  insecureTransport(...args).map(({ id, severity }) => `${severity} ${id}`);

describe('the way to the API server', () => {
  test('is nothing to speak of where it is proved, or does not leave the machine', () => {
    expect(ids(SAFE, CHANGES)).toEqual([]);
    for (const server of ['http://127.0.0.1:8001', 'http://localhost:8001', 'http://[::1]:8001']) {
      expect(ids({ ...SAFE, server }, CHANGES)).toEqual([]);
    }
    expect(ids({ ...SAFE, nodeRejects: '1' }, CHANGES)).toEqual([]);
  });

  test.each([
    ['plain HTTP', { ...SAFE, server: 'http://api.example' }],
    ['plain HTTP to a name that only looks local', { ...SAFE, server: 'http://127.0.0.1.example.com' }],
    ['no proof of the certificate', { ...SAFE, skipsVerification: true }],
    ['no URL', { ...SAFE, server: 'x' }],
  ])('with %s is warned of, refused where something changes, and allowed by name', (_what, transport) => {
    expect(ids(transport, LOOKS)).toEqual(['warning api-server-not-proved']);
    expect(ids(transport, CHANGES)).toEqual(['error api-server-not-proved']);
    expect(ids(transport, { changes: true, allowed: true })).toEqual(['warning api-server-not-proved']);
  });

  test('with verification off for all of Node is refused, whatever is allowed', () => {
    const transport = { ...SAFE, nodeRejects: '0' };
    expect(ids(transport, LOOKS)).toEqual(['error tls-verification-off']);
    expect(ids(transport, { changes: false, allowed: true })).toEqual(['error tls-verification-off']);
  });

  test('is told by the kubeconfig', () => {
    const config = (cluster: object): string =>
      JSON.stringify({
        'current-context': 'a',
        contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
        clusters: [{ name: 'a', cluster: { server: 'https://a', ...cluster } }],
        users: [{ name: 'a', user: { token: 'abcdef' } }],
      });
    const skips = (cluster: object): boolean =>
      readKubeconfig(config(cluster), '').destination.skipsVerification;
    expect(skips({})).toBe(false);
    expect(skips({ 'insecure-skip-tls-verify': false })).toBe(false);
    expect(skips({ 'insecure-skip-tls-verify': true })).toBe(true);
  });
});

describe('the cluster that is meant', () => {
  const UID = '0b7c1e8a-1111-4222-8333-944455566677';
  const OTHER = '0b7c1e8a-1111-4222-8333-000000000000';

  test('is told from any other, and from one that can not be seen', () => {
    expect(unexpectedCluster(undefined, undefined)).toEqual([]);
    expect(unexpectedCluster(undefined, UID)).toEqual([]);
    expect(unexpectedCluster(UID, UID)).toEqual([]);
    expect(unexpectedCluster(UID, OTHER)).toMatchObject([{ id: 'cluster-not-expected', severity: 'error' }]);
    expect(unexpectedCluster(UID, OTHER)[0]?.message).toMatch(new RegExp(`${OTHER}.*${UID}`));
    expect(unexpectedCluster(UID, undefined)).toMatchObject([{ severity: 'error' }]);
  });

  test('is known by the uid of kube-system, and by no other namespace', async () => {
    const cluster = (...names: string[]): Cluster =>
      ({
        list: async function* () {
          await Promise.resolve();
          yield* names.map((name) => ({ metadata: { name, uid: name === 'kube-system' ? UID : OTHER } }));
        },
      }) as unknown as Cluster;
    expect(await clusterIdOf(cluster('default', 'kube-system'))).toBe(UID);
    expect(await clusterIdOf(cluster('default'))).toBeUndefined();
  });
});
