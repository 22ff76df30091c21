import { describe, expect, test } from '@jest/globals';
import { readKubeconfig } from '../../../src/cluster/kubeconfig.ts';

const file = {
  clusters: [
    { name: 'c', cluster: { server: 'https://api.example:6443' } },
    { name: 'd', cluster: { server: 'https://other.example' } },
  ],
  users: [
    { name: 'u', user: { token: 'secret-one' } },
    { name: 'v', user: { token: 'secret-two' } },
  ],
  contexts: [
    { name: 'x', context: { cluster: 'c', user: 'u' } },
    { name: 'y', context: { cluster: 'd', user: 'v' } },
    { name: 'broken', context: { cluster: 'nope', user: 'u' } },
  ],
  'current-context': 'x',
};
const text = JSON.stringify(file);

describe('readKubeconfig', () => {
  test('takes the current context, or the one that is named, and nothing of the others', () => {
    expect(readKubeconfig(text, '').destination).toEqual({
      context: 'x',
      server: 'https://api.example:6443',
      user: 'u',
      skipsVerification: false,
    });
    const other = readKubeconfig(text, 'y');
    expect(other.destination.server).toBe('https://other.example');
    expect(other.text).not.toContain('secret-one');
  });

  test('says which contexts there are when the named one is not', () => {
    expect(() => readKubeconfig(text, 'z')).toThrow(/no context "z": there are "x", "y", "broken"/);
  });

  test.each(['not: a kubeconfig', '', '{{{', 'token: secret-one'])(
    'promise 10: %j is refused without being quoted',
    (given) => {
      expect(() => readKubeconfig(given, '')).toThrow(/not a kubeconfig/);
      try {
        readKubeconfig(given, '');
      } catch (error) {
        expect(String(error)).not.toContain('secret-one');
      }
    },
  );

  test('a context that names nothing is told', () => {
    expect(() => readKubeconfig(text, 'broken')).toThrow(/names cluster "nope"/);
  });

  test('the same through another proxy, for the relay', () => {
    expect(JSON.parse(readKubeconfig(text, '').through('http://127.0.0.1:1'))).toMatchObject({
      clusters: [{ name: 'c', cluster: { ...file.clusters[0]?.cluster, 'proxy-url': 'http://127.0.0.1:1' } }],
    });
  });
});
