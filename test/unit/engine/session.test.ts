import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Deps, openSession } from '../../../src/engine/session.ts';
import { Refused } from '../../../src/steps/step.ts';
import type { Inputs } from '../../../src/inputs.ts';
import type { Phase } from '../../../src/outcome.ts';
import { newReport } from '../../../src/main.ts';
import { scratch } from '../../support/scratch.ts';

const kubeconfig = (proxy: string): string =>
  JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: 'https://api.example', 'proxy-url': proxy } }],
    users: [{ name: 'u', user: { token: 'secret-token' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });

describe('promise 4: istioctl that could not be stopped is not begun', () => {
  const tempDir = scratch('istio-upgrade-session');

  async function open(phase: Phase, dryRun: boolean, proxy: string): Promise<string> {
    const inputs = { phase, dryRun, kubeconfig: kubeconfig(proxy), context: '' } as Inputs;
    const deps = { log: { info: () => undefined }, env: {}, tempDir, signal: new AbortController().signal };
    try {
      await openSession(inputs, deps as unknown as Deps, newReport(phase, dryRun));
      return 'opened';
    } catch (error) {
      return error instanceof Refused ? (error.findings[0]?.id ?? '') : String(error);
    }
  }

  test.each([
    ['canary', false, 'socks5://proxy:1080', 'istioctl-not-fenced'],
    ['promote', false, 'socks5://proxy:1080', 'istioctl-not-fenced'],
    ['rollback', false, 'socks5://proxy:1080', 'istioctl-not-fenced'],
    ['canary', true, 'socks5://proxy:1080', 'opened'],
    ['precheck', false, 'socks5://proxy:1080', 'opened'],
    ['canary', false, 'http://proxy:3128', 'opened'],
    ['canary', false, 'https://proxy:3128', 'opened'],
  ] as const)('%s (dry run: %s) through %s: %s', async (phase, dryRun, proxy, ending) => {
    expect(await open(phase, dryRun, proxy)).toBe(ending);
  });
});

describe('a server without TLS', () => {
  const tempDir = scratch('istio-upgrade-session');
  const text = kubeconfig('').replace('https://', 'http://');

  async function open(phase: Phase, dryRun: boolean, allowInsecureTls: boolean): Promise<string[]> {
    const inputs = { phase, dryRun, kubeconfig: text, context: '', allowInsecureTls } as Inputs;
    const deps = { log: { info: () => undefined }, env: {}, tempDir, signal: new AbortController().signal };
    const report = newReport(phase, dryRun);
    try {
      await openSession(inputs, deps as unknown as Deps, report);
      return report.findings.map(({ severity, id }) => `${severity} ${id}`);
    } catch (error) {
      return error instanceof Refused
        ? error.findings.map(({ severity, id }) => `${severity} ${id}`)
        : [String(error)];
    }
  }

  test.each([
    ['precheck', false, false, 'warning'],
    ['canary', true, false, 'warning'],
    ['canary', false, false, 'error'],
    ['promote', false, false, 'error'],
    ['rollback', false, false, 'error'],
    ['canary', false, true, 'warning'],
  ] as const)('in %s (dry run: %s, allowed: %s): %s', async (phase, dryRun, allowed, severity) => {
    expect(await open(phase, dryRun, allowed)).toEqual([`${severity} api-server-not-proved`]);
  });
});

describe('K02: who acts with extra fields', () => {
  const as = (extra: object): string =>
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://api.example' } }],
      users: [{ name: 'u', user: { token: 'secret-token', as: 'deployer', ...extra } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });

  async function given(text: string) {
    const tempDir = scratch('istio-upgrade-session');
    const secrets: string[] = [];
    const inputs = { phase: 'canary', dryRun: false, kubeconfig: text, context: '' } as Inputs;
    const log = { info: () => undefined };
    const deps = {
      log,
      env: {},
      tempDir,
      signal: new AbortController().signal,
      onSecret: (secret: string) => secrets.push(secret),
    };
    await openSession(inputs, deps as unknown as Deps, newReport('canary', false));
    return { istioctls: readFileSync(join(tempDir, 'kubeconfig'), 'utf8'), secrets };
  }

  test('is said for istioctl by a gateway, whose way nobody else learns, and which has no credential in it', async () => {
    const { istioctls, secrets } = await given(as({ 'as-user-extra': { scopes: ['write'] } }));
    const { clusters, users } = JSON.parse(istioctls) as {
      clusters: [{ cluster: { server: string } }];
      users: [{ user: object }];
    };
    expect(clusters[0].cluster).toEqual({
      server: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\w{64}$/),
    });
    expect(clusters[0].cluster.server).toContain(secrets[0]);
    expect(users[0].user).toEqual({});
  });

  test('and without them istioctl goes the usual way, with the credential', async () => {
    for (const extra of [{}, { 'as-user-extra': {} }, { 'as-user-extra': { scopes: [] } }])
      expect(JSON.parse((await given(as(extra))).istioctls)).toMatchObject({
        clusters: [{ cluster: { server: 'https://api.example' } }],
        users: [{ user: { token: 'secret-token' } }],
      });
  });
});
