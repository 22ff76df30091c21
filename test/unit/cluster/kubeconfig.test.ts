import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  // Found by editing kubeconfigs at random and asking kubectl.
  test.each([
    ['preferences', { ...file, preferences: 1.5 }, /preferences/],
    ['colours', { ...file, preferences: { colors: 'yes' } }, /preferences\.colors/],
    ['an extension of a cluster', withExtension({ name: { name: 'gcp' } }), /clusters\.cluster\.extensions/],
  ])('K02: %s of another type than client-go reads is refused', (_, given, words) => {
    expect(() => readKubeconfig(JSON.stringify(given), '')).toThrow(words);
  });

  test.each(['http://svc:pa$SECRETWORD@127.0.0.1:3128', 'http://svc:<word>%40A_B%25C@127.0.0.1:3128'])(
    'the password in %s is no placeholder, and is not told',
    (proxy) => {
      const given = withCluster({ 'proxy-url': proxy });
      if (proxy.includes('<')) expect(() => readKubeconfig(given, '')).not.toThrow(/placeholder|word|A_B/);
      else expect(readKubeconfig(given, '').config.getCurrentCluster()?.proxyUrl).toBe(proxy);
    },
  );

  test.each([
    [
      { server: 'https://me:pa$WORD@${HOST}:6443' },
      /cluster "c", server: a placeholder is left in it \(\$\{HOST\}\)/,
    ],
    [{ server: 'https://$API_HOST:6443' }, /cluster "c", server: a placeholder is left in it\. Fill/],
    [{ 'proxy-url': 'svc:pa$SECRETWORD@proxy:3128' }, /proxy-url/],
  ])('of %j only what has the form of a template is quoted', (cluster, words) => {
    const refused = (): unknown => readKubeconfig(withCluster(cluster), '');
    expect(refused).toThrow(words);
    expect(refused).not.toThrow(/WORD|API_HOST/);
  });

  test('an extension of any content is taken', () => {
    const given = withExtension({
      name: 'minikube.sigs.k8s.io',
      extension: { version: 'v1.37.0', deep: [1] },
    });
    expect(() => readKubeconfig(JSON.stringify(given), '')).not.toThrow();
  });

  test('K02: a key without its certificate is not looked at, as client-go does not', () => {
    const users = [{ name: 'u', user: { token: 'secret-one', 'client-key': '/nowhere/key.pem' } }];
    const { config } = readKubeconfig(JSON.stringify({ ...file, users }), '');
    expect(config.users).toEqual([{ name: 'u', token: 'secret-one' }]);
  });

  test('K02: a token file that no HTTP header can hold is refused, and not quoted', () => {
    const directory = mkdtempSync(join(tmpdir(), 'token-file-'));
    try {
      writeFileSync(join(directory, 'token'), 'secret-one\nsecret-two\n');
      const users = [{ name: 'u', user: { tokenFile: join(directory, 'token') } }];
      const refused = (): unknown => readKubeconfig(JSON.stringify({ ...file, users }), '');
      expect(refused).toThrow(/tokenFile.*invalid header field value/s);
      expect(refused).not.toThrow(/secret-/);
      writeFileSync(join(directory, 'token'), 'secret-one\n');
      expect(refused).not.toThrow();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

function withCluster(cluster: object): string {
  const [first, ...others] = file.clusters;
  return JSON.stringify({
    ...file,
    clusters: [{ ...first, cluster: { ...first?.cluster, ...cluster } }, ...others],
  });
}

function withExtension(extension: unknown): unknown {
  const [first, ...others] = file.clusters;
  return {
    ...file,
    clusters: [{ ...first, cluster: { ...first?.cluster, extensions: [extension] } }, ...others],
  };
}
