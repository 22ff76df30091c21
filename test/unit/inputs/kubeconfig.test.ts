import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { readActionMetadata } from '../../../scripts/action-metadata.ts';
import { LEFT_OUT, kubeconfigOf, kubeconfigTextOrNone } from '../../../src/input/kubeconfig-found.ts';
import { decodeKubeconfig, decodedOrAsIs } from '../../../src/input/kubeconfig.ts';
import { scratch } from '../../support/scratch.ts';
import { KUBECONFIG, SECRETS } from './kubeconfig-example.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

describe('K06: a kubeconfig is taken', () => {
  test.each([
    ['as base64 of base64', base64(base64(KUBECONFIG))],
    ['as base64 of base64 with line breaks', base64(`${base64(KUBECONFIG).replace(/(.{76})/g, '$1\n')}\n`)],
    ['in double quotes', `"${base64(KUBECONFIG)}"`],
    ['in single quotes', `'${base64(KUBECONFIG)}'\n`],
    ['as a JSON text', JSON.stringify(KUBECONFIG)],
    ['as base64 of a JSON text', base64(JSON.stringify(KUBECONFIG))],
    ['as base64 of UTF-16 (PowerShell)', utf16(KUBECONFIG).toString('base64')],
    ['as base64 of UTF-16 with a mark', utf16(`\uFEFF${KUBECONFIG}`).toString('base64')],
    ['as base64 of UTF-16 of the other order', utf16(`\uFEFF${KUBECONFIG}`).swap16().toString('base64')],
    ['as base64 of UTF-8 with a mark', base64(`\uFEFF${KUBECONFIG}`)],
  ])('%s', (_, given) => {
    expect(decodeKubeconfig(given)).toBe(KUBECONFIG);
    // What is masked is what is read.
    expect(decodedOrAsIs(given)).toBe(KUBECONFIG);
  });
});

describe('K06: a hint, where it can only be guessed', () => {
  test.each([
    ['line breaks as \\n', KUBECONFIG.replaceAll('\n', '\\n'), /line breaks are written as \\n/],
    ['line breaks that are lost', KUBECONFIG.replaceAll('\n', ' '), /line breaks are lost/],
    ['gzip', base64('\u001f\u008b'), /gzip|no mapping|no YAML/],
    ['an expression', '${{ secrets.KUBECONFIG }', /not filled in/],
    ['a variable', '$KUBECONFIG', /not filled in/],
    [
      'a path',
      '/home/runner/work/_temp/eks',
      /content of that file, or leave the input out.*that \$KUBECONFIG names/,
    ],
  ])('%s', (_, given, hint) => {
    expect(() => decodeKubeconfig(given)).toThrow(hint);
  });
});

describe('K08: the input may be left out', () => {
  let dir = '';
  beforeEach(() => {
    dir = scratch('istio-upgrade-found');
  });
  const entry = (name: string, user: object = { token: `token-of-${name}` }): object => ({
    clusters: [{ name, cluster: { server: `https://${name}.example`, 'certificate-authority': 'ca.pem' } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
  const write = (path: string, content: object): string => {
    const full = join(dir, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, stringify(content));
    return full;
  };
  const find = (env: Record<string, string>) => kubeconfigOf(LEFT_OUT, { env, cwd: dir });

  test('then it is the file of $KUBECONFIG, with paths from where it lies, and it is said', () => {
    const path = write('made/by-login', { ...entry('a'), 'current-context': 'a' });
    const { text, from } = find({ KUBECONFIG: path, HOME: '/nowhere' });
    expect(from).toBe(`$KUBECONFIG (${path})`);
    expect(JSON.parse(text)).toMatchObject({
      'current-context': 'a',
      clusters: [{ name: 'a', cluster: { 'certificate-authority': join(dir, 'made/ca.pem') } }],
    });
  });

  test('several are merged as kubectl does: the first wins, one that is not there is passed over', () => {
    const first = write('one/config', {
      ...entry('a'),
      users: [{ name: 'a', user: { exec: { command: './login' } } }],
    });
    const second = write('two/config', {
      clusters: [...(entry('b') as { clusters: object[] }).clusters, { name: 'a', cluster: { server: 'x' } }],
      users: [{ name: 'b', user: { tokenFile: 'token' } }],
      contexts: (entry('b') as { contexts: object[] }).contexts,
      'current-context': 'b',
    });
    const third = write('three/config', { ...entry('c'), 'current-context': 'c' });
    const paths = ['', first, join(dir, 'missing'), second, third, first];
    const { text, from } = find({ KUBECONFIG: paths.join(delimiter) });
    expect(from).toBe(`$KUBECONFIG (${[first, second, third].join(', ')})`);
    const read = JSON.parse(text) as Record<
      'clusters' | 'users',
      { name: string; cluster: unknown; user: unknown }[]
    >;
    expect(read).toMatchObject({ 'current-context': 'b' });
    expect(read.clusters.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(read.clusters[0]?.cluster).toMatchObject({ server: 'https://a.example' });
    expect(read.users.map(({ user }) => user)).toEqual([
      { exec: { command: join(dir, 'one/login') } },
      { tokenFile: join(dir, 'two/token') },
      { token: 'token-of-c' },
    ]);
  });

  test('~/.kube/config is last', () => {
    const path = write('home/.kube/config', { ...entry('h'), 'current-context': 'h' });
    expect(find({ HOME: join(dir, 'home') }).from).toBe(`~/.kube/config (${path})`);
  });

  test('what is given goes before all of it', () => {
    const path = write('config', entry('a'));
    expect(kubeconfigOf(KUBECONFIG, { env: { KUBECONFIG: path }, cwd: dir })).toEqual({
      text: KUBECONFIG,
      from: undefined,
    });
  });

  test('action.yml has the word by which the runner tells one that is left out from an empty one', () => {
    expect(readActionMetadata().inputs.kubeconfig?.default).toBe(LEFT_OUT);
  });

  test('a secret that is not there leads to no other cluster', () => {
    const env = { KUBECONFIG: write('config', { ...entry('other'), 'current-context': 'other' }) };
    for (const empty of ['', ' \n']) {
      expect(() => kubeconfigOf(empty, { env, cwd: dir })).toThrow(
        /^got nothing; .*secret that does not exist.*leave the input out/,
      );
      expect(kubeconfigTextOrNone(empty, { env, cwd: dir })).toBe('');
    }
  });

  test('with nothing there either, it is said where one may come from', () => {
    expect(() => find({ HOME: dir })).toThrow(/no file either.*logs in/);
    expect(() => find({ KUBECONFIG: join(dir, 'missing') })).toThrow(/\$KUBECONFIG names .*missing/);
  });

  test.each([
    ['no YAML', '{{{'],
    ['a list', '- a'],
    ['something else', `token: ${SECRETS.token}`],
  ])('a file that holds %s is named and not quoted', (_, content) => {
    const path = join(dir, 'config');
    writeFileSync(path, content);
    const said = ((): string => {
      try {
        return find({ KUBECONFIG: path }).text;
      } catch (error) {
        return String(error);
      }
    })();
    expect(said).toContain(path);
    expect(said).not.toContain(SECRETS.token);
  });

  test('its secrets are masked like those of the input, and one that is none has none', () => {
    const path = write('config', entry('a'));
    expect(kubeconfigTextOrNone(LEFT_OUT, { env: { KUBECONFIG: path }, cwd: dir })).toContain('token-of-a');
    expect(kubeconfigTextOrNone(LEFT_OUT, { env: {}, cwd: dir })).toBe('');
  });
});
