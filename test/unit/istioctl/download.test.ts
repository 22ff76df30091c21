import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseVersion } from '../../../src/istio/version.ts';
import { acquireIstioctl } from '../../../src/istioctl/acquire.ts';
import { processRunner } from '../../../src/process/command.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/connect-proxy.ts';
import { type HttpsServer, startHttpsServer } from '../../support/https-server.ts';
import { scratch } from '../../support/scratch.ts';

const HOST = 'mirror.test';
const SOURCE = new URL('../../../src/istioctl/download.ts', import.meta.url).href;

describe('a mirror with an authority of its own', () => {
  let mirror: HttpsServer;
  let proxy: ConnectProxy;
  let dir: string;
  beforeAll(async () => {
    mirror = await startHttpsServer((_asked, response) => response.end('all of it'), {
      hosts: ['127.0.0.1', HOST],
    });
    proxy = await startConnectProxy({ names: { [HOST]: '127.0.0.1' } });
    dir = scratch('istio-upgrade-download');
    writeFileSync(join(dir, 'store.pem'), mirror.ca);
  });
  afterAll(() => {
    mirror.close();
    proxy.close();
  });

  /** Downloads in a process of its own: the system's store is read once. */
  async function download(url: string, dest: string): Promise<string> {
    const env = { SSL_CERT_FILE: join(dir, 'store.pem'), HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    const script = `
      const { download } = await import(${JSON.stringify(SOURCE)});
      await download(${JSON.stringify(url)}, ${JSON.stringify(dest)}, { idleMs: 5000, pauseMs: 1, maxBytes: 99 },
        { env: process.env, signal: new AbortController().signal });`;
    const args = ['--input-type=module', '-e', script];
    await processRunner.run({ file: process.execPath, args, env, timeoutMs: 20_000 });
    return existsSync(dest) ? readFileSync(dest, 'utf8') : 'nothing';
  }

  test("is trusted where it is in the system's store", async () => {
    expect(await download(`${mirror.url}/a`, join(dir, 'direct'))).toBe('all of it');
    expect(proxy.asked).toEqual([]);
  });

  test('and is so through a proxy', async () => {
    const { port } = new URL(mirror.url);
    expect(await download(`https://${HOST}:${port}/a`, join(dir, 'behind'))).toBe('all of it');
    // No DNS knows its name: it was nobody but the proxy that led there.
    expect(proxy.asked).toEqual([`${HOST}:${port}`]);
  });

  test('is not trusted where it is in no store, and where it belongs is said', async () => {
    const call = acquireIstioctl(
      { version: parseVersion('1.99.0'), givenPath: undefined, baseUrl: mirror.url },
      {
        toolCache: () => Promise.reject(new Error('not asked')),
        runner: processRunner,
        env: {},
        tempDir: dir,
        platform: 'linux',
        arch: 'x64',
        patience: { idleMs: 5_000, pauseMs: 1 },
      },
    );
    await expect(call).rejects.toMatchObject({
      message: expect.stringMatching(/^cannot download https:.*certificate/) as unknown,
      remedy: expect.stringMatching(/authority.*NODE_EXTRA_CA_CERTS.*system's store/) as unknown,
    });
  });
});
