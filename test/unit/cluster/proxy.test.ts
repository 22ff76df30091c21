import { describe, expect, test } from '@jest/globals';
import { proxyFor } from '../../../src/cluster/proxy.ts';

describe('proxyFor', () => {
  const env = {
    HTTPS_PROXY: 'http://proxy:3128',
    NO_PROXY: 'localhost,.internal, example.org,10.0.0.0/8,fd00::/8,only.test:6443',
  };
  test.each([
    ['https://api.example', 'http://proxy:3128'],
    ['https://api.internal', undefined],
    ['https://example.org:6443', undefined],
    ['https://api.example.org', undefined],
    ['https://notexample.org', 'http://proxy:3128'],
    ['https://127.0.0.1:6443', undefined],
    ['http://api.example', undefined],
    ['https://10.1.2.3:6443', undefined],
    ['https://11.1.2.3:6443', 'http://proxy:3128'],
    ['https://[fd00::1]:6443', undefined],
    ['https://only.test:6443', undefined],
    ['https://only.test', 'http://proxy:3128'],
  ])('%s goes through %s', (server, expected) => {
    expect(proxyFor(server, env)).toBe(expected);
  });
  test('a proxy without a scheme is an HTTP one', () => {
    expect(proxyFor('https://api.example', { https_proxy: 'proxy:3128' })).toBe('http://proxy:3128');
  });
  test('NO_PROXY=* means none', () => {
    expect(proxyFor('https://api.example', { ...env, NO_PROXY: '*' })).toBeUndefined();
  });
});
