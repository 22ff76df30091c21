import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { redactor } from '../../../src/redact.ts';
import { isPartOfOutput } from '../../../src/masks.ts';
import { secretsOf } from '../../../src/report/mask.ts';
import { KEY_DATA, KUBECONFIG, SECRETS } from '../inputs/kubeconfig-example.ts';

const secrets = secretsOf(KUBECONFIG);

test('every secret leaf is found, the private key also decoded line by line', () => {
  expect(secrets).toEqual(expect.arrayContaining([...Object.values(SECRETS), KEY_DATA]));
  expect(secrets).toContain(Buffer.from(`ops:${SECRETS.password}`).toString('base64'));
  expect(secrets).toContain(Buffer.from(SECRETS.token).toString('base64'));
});

test('what every log is full of is none', () => {
  for (const word of [
    'admin',
    'prod',
    'production',
    'aws',
    'Config',
    'https://api.prod.example:6443',
    'https://idp.example/realm',
  ]) {
    expect(secrets).not.toContain(word);
  }
  expect(secrets.filter((secret) => secret.includes('BEGIN') || secret.includes('\n'))).toEqual([]);
});

test('nothing secret is left of a redacted kubeconfig', () => {
  const clean = redactor(secrets)(`Error: ${KUBECONFIG}`);
  for (const secret of [...Object.values(SECRETS), KEY_DATA]) expect(clean).not.toContain(secret);
  expect(clean).toContain('kind: Config');
});

test('a secret that holds another is starred whole', () => {
  const file = stringify({ users: [{ user: { token: 'abcdef' } }, { user: { token: 'abcdefghij' } }] });
  expect(redactor(secretsOf(file))('abcdefghij abcdef')).toBe('*** ***');
});

test('a token that looks like a number keeps its zeros', () => {
  expect(secretsOf('users: [{user: {token: 00012345678901234567}}]')).toContain('00012345678901234567');
});

test('JSON is a kubeconfig too', () => {
  expect(secretsOf(JSON.stringify({ users: [{ user: { token: 'json-token' } }] }))).toContain('json-token');
});

test('any token is found, and any text can be read', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[!-~]{4,40}$/), (token) => {
      expect(redactor(secretsOf(stringify({ users: [{ user: { token } }] })))(token)).toBe('***');
    }),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.constant('users: {a: 1}'),
        fc.constant('clusters: [{cluster: {proxy-url: "http://a:%zz%41@b"}}]'),
      ),
      (text) => {
        expect(Array.isArray(secretsOf(text))).toBe(true);
      },
    ),
  );
});

test('a token is found as those see it who read it: a number, merged in, in base64', () => {
  expect(secretsOf('users: [{user: {token: 0x1f1f1f1f1f}}]')).toEqual(
    expect.arrayContaining(['0x1f1f1f1f1f', '133666119455']),
  );
  const merged = 'base: &b {token: merged-token}\nusers: [{name: a, user: {<<: *b}}]';
  expect(secretsOf(merged)).toContain('merged-token');
  const binary = Buffer.from('binary-token').toString('base64');
  for (const head of ['', '%YAML 1.1\n---\n']) {
    expect(secretsOf(`${head}users: [{user: {token: !!binary ${binary}}}]`)).toEqual(
      expect.arrayContaining(['binary-token', binary]),
    );
  }
});

test('settings of a plugin that outputs are made of are none: the runner would drop those outputs', () => {
  const env = (name: string, value: string): string =>
    JSON.stringify({ users: [{ user: { exec: { env: [{ name, value }] } } }] });
  for (const value of ['true', 'false', 'default'])
    expect(secretsOf(env('AWS_SDK_LOAD_CONFIG', value))).toEqual([]);
  expect(secretsOf(env('AWS_SDK_LOAD_CONFIG', 'truest'))).toEqual(['truest']);
  expect(['true', 'false', 'default'].every(isPartOfOutput)).toBe(true);
});
