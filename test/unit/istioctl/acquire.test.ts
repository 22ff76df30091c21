import * as toolCache from '@actions/tool-cache';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { parseVersion } from '../../../src/istio/version.ts';
import { AcquireError, ChecksumMismatch } from '../../../src/istioctl/acquire-error.ts';
import { type AcquireDeps, type Wanted, acquireIstioctl } from '../../../src/istioctl/acquire.ts';
import { assetUrl } from '../../../src/istioctl/release-asset.ts';
import { processRunner } from '../../../src/process/command.ts';
import { scratch } from '../../support/scratch.ts';

const VERSION = parseVersion('1.31.0');
const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

/** A program that says that it is istioctl, and leaves a trace of having run. */
function program(version: string, trace: string): string {
  return `#!/bin/sh\necho ran >> "${trace}"\necho '{"clientVersion":{"version":"${version}"}}'\n`;
}

function archive(files: Record<string, string>): Buffer {
  const dir = scratch('archive');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text, { mode: 0o755 });
  return execFileSync('tar', ['-cz', '-C', dir, ...Object.keys(files)]);
}

let server: Server;
let base: string;
/** What the server has, by path; anything else is 404. */
const served = new Map<string, Buffer | string>();
const requests: string[] = [];
let failures = 0;
let work: string;
let trace: string;
let deps: AcquireDeps;

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    requests.push(url);
    if (failures > 0) {
      failures -= 1;
      response.writeHead(503).end();
      return;
    }
    const body = served.get(url);
    response.writeHead(body === undefined ? 404 : 200).end(body);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/releases`;
  // tool-cache tells everything it does.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  // It waits 10 to 20 s between its tries, unless a test says otherwise.
  Object.assign(globalThis, {
    TEST_DOWNLOAD_TOOL_RETRY_MIN_SECONDS: 0,
    TEST_DOWNLOAD_TOOL_RETRY_MAX_SECONDS: 0,
  });
});

afterAll(async () => {
  jest.restoreAllMocks();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  work = scratch('acquire');
  trace = join(work, 'trace');
  process.env.RUNNER_TOOL_CACHE = join(work, 'cache');
  process.env.RUNNER_TEMP = join(work, 'runner-temp');
  deps = {
    toolCache: () => Promise.resolve(toolCache),
    runner: processRunner,
    env: process.env,
    tempDir: join(work, 'temp'),
    platform: 'linux',
    arch: 'x64',
  };
  served.clear();
  requests.length = 0;
  failures = 0;
});

const PATH = '/releases/1.31.0/istioctl-1.31.0-linux-amd64.tar.gz';

function serve(files: Record<string, string>, sum?: string): void {
  const data = archive(files);
  served.set(PATH, data);
  served.set(`${PATH}.sha256`, sum ?? `${sha256(data)} istioctl-1.31.0-linux-amd64.tar.gz\n`);
}

const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  version: VERSION,
  givenPath: undefined,
  baseUrl: base,
  ...more,
});
const acquire = (more: Partial<Wanted> = {}) => acquireIstioctl(wanted(more), deps);
const leftBehind = (): string[] => (existsSync(deps.tempDir) ? readdirSync(deps.tempDir) : []);
const url = (): string => `${base}/1.31.0/istioctl-1.31.0-linux-amd64.tar.gz`;

describe('a download', () => {
  test('is checked, unpacked, asked for its version, and cached', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    const acquired = await acquire();
    expect(acquired).toEqual({
      path: acquired.path,
      version: '1.31.0',
      source: { url: url() },
      sha256: sha256(program('1.31.0', trace)),
    });
    expect(readFileSync(acquired.path, 'utf8')).toBe(program('1.31.0', trace));
    expect(acquired.path.startsWith(join(work, 'cache'))).toBe(true);
    expect(leftBehind()).toEqual([]);
  });

  test('is not repeated, and the cached program has its address still', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    const first = await acquire();
    requests.length = 0;
    expect(await acquire()).toEqual(first);
    expect(requests).toEqual([]);
  });

  test('is repeated where the cached program came from elsewhere: another mirror may hold another build', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    await acquire();
    requests.length = 0;
    const elsewhere = (text: string): string => text.replace('127.0.0.1', 'localhost');
    expect((await acquire({ baseUrl: elsewhere(base) })).source).toEqual({ url: elsewhere(url()) });
    expect(requests).toHaveLength(2);
  });

  test('is repeated where the cached program was changed', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    const { path, sha256: sum } = await acquire();
    writeFileSync(path, `${program('1.31.0', trace)}# changed\n`);
    requests.length = 0;
    expect(await acquire()).toMatchObject({ path, sha256: sum });
    expect(requests).toHaveLength(2);
    expect(readFileSync(path, 'utf8')).not.toContain('changed');
  });

  test('with a wrong checksum is neither opened nor run nor kept', async () => {
    serve({ istioctl: program('1.31.0', trace) }, `${'a'.repeat(64)} name\n`);
    const error: unknown = await acquire().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ChecksumMismatch);
    expect(error).toMatchObject({ url: url(), expected: 'a'.repeat(64), got: sha256(served.get(PATH)!) });
    expect((error as Error).message).toContain(url());
    expect(existsSync(trace)).toBe(false);
    expect(leftBehind()).toEqual([]);
    expect(toolCache.find('istioctl', '1.31.0', 'x64')).toBe('');
  });

  test.each(['', '<html>', 'deadbeef name', 'g'.repeat(64)])(
    'with %j for a checksum is not begun',
    async (sum) => {
      serve({ istioctl: program('1.31.0', trace) }, sum);
      await expect(acquire()).rejects.toThrow(/holds no sha256 checksum/);
      expect(requests).toEqual([`${PATH}.sha256`]);
      expect(leftBehind()).toEqual([]);
    },
  );

  test('that is not there names the address and the way out', async () => {
    const error: unknown = await acquire().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AcquireError);
    expect((error as AcquireError).message).toContain(`${url()}.sha256`);
    expect((error as AcquireError).message).toContain('404');
    expect((error as AcquireError).remedy).toMatch(/input istioctl.*istioctl-base-url/);
    expect(requests).toHaveLength(1);
    expect(leftBehind()).toEqual([]);
  });

  test('without a network does, too', async () => {
    const call = acquire({ baseUrl: 'http://127.0.0.1:1/x' });
    await expect(call).rejects.toThrow(
      /cannot download http:\/\/127\.0\.0\.1:1\/x\/1\.31\.0\/.*ECONNREFUSED/,
    );
  });

  test('is tried again where the server stumbles, three times at most', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    failures = 2;
    await expect(acquire()).resolves.toMatchObject({ version: '1.31.0' });
    process.env.RUNNER_TOOL_CACHE = join(work, 'other-cache');
    requests.length = 0;
    failures = 99;
    await expect(acquire()).rejects.toThrow(/503/);
    expect(requests).toHaveLength(3);
  });

  test('of another version is not kept', async () => {
    serve({ istioctl: program('1.30.3', trace) });
    await expect(acquire()).rejects.toThrow(/is not istioctl 1\.31\.0: it is 1\.30\.3/);
    expect(toolCache.find('istioctl', '1.31.0', 'x64')).toBe('');
    expect(leftBehind()).toEqual([]);
  });

  test('keeps the program alone', async () => {
    serve({ istioctl: program('1.31.0', trace), 'kubectl-evil': 'x' });
    const { path } = await acquire();
    expect(readdirSync(dirname(path)).sort()).toEqual(['istioctl', 'istioctl.sha256']);
  });

  test('without the program in it is refused', async () => {
    serve({ other: 'x' });
    await expect(acquire()).rejects.toThrow(/holds no program istioctl/);
    expect(leftBehind()).toEqual([]);
  });

  test.each(['http://example.com', 'http://127.0.0.1.example.com', 'ftp://127.0.0.1', 'file:///x'])(
    'from %s is refused',
    async (baseUrl) => {
      await expect(acquire({ baseUrl })).rejects.toThrow(/is not https/);
      expect(requests).toEqual([]);
    },
  );
});

describe('the address', () => {
  test.each([
    ['linux', 'x64', 'linux-amd64'],
    ['linux', 'arm64', 'linux-arm64'],
    ['darwin', 'arm64', 'osx-arm64'],
    ['darwin', 'x64', 'osx-amd64'],
  ])('for %s on %s ends in %s', (platform, arch, suffix) => {
    const address = assetUrl('https://x/releases/download/', VERSION, { platform, arch });
    expect(address).toBe(`https://x/releases/download/1.31.0/istioctl-1.31.0-${suffix}.tar.gz`);
  });

  test('for other machines is none', () => {
    expect(() => assetUrl('https://x', VERSION, { platform: 'win32', arch: 'x64' })).toThrow(
      /no istioctl for win32/,
    );
  });
});

describe('a path that was given', () => {
  function given(text: string, mode = 0o755): string {
    const path = join(work, 'given');
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  test('is taken where it is that version, without a network', async () => {
    const path = given(program('1.31.0', trace));
    expect(await acquire({ givenPath: path })).toEqual({
      path,
      version: '1.31.0',
      source: { path },
      sha256: sha256(program('1.31.0', trace)),
    });
    expect(requests).toEqual([]);
  });

  test('of another version is refused, and both are named', async () => {
    const path = given(program('1.30.3', trace));
    await expect(acquire({ givenPath: path })).rejects.toThrow(
      `${path} is not istioctl 1.31.0: it is 1.30.3`,
    );
  });

  test('of something else is refused in its own words', async () => {
    const path = given('#!/bin/sh\necho "unknown command" >&2; exit 64\n');
    await expect(acquire({ givenPath: path })).rejects.toThrow(/does not say its version: unknown command/);
  });

  test('that is not there, not executable or a directory is refused', async () => {
    await expect(acquire({ givenPath: join(work, 'none') })).rejects.toThrow(/there is no istioctl at/);
    mkdirSync(join(work, 'dir'));
    await expect(acquire({ givenPath: join(work, 'dir') })).rejects.toThrow(/is no file/);
    const path = given(program('1.31.0', trace), 0o644);
    await expect(acquire({ givenPath: path })).rejects.toThrow(/is not executable/);
    expect(existsSync(trace)).toBe(false);
  });

  test('has no secrets in its environment', async () => {
    const path = given(`#!/bin/sh\nenv > "${trace}"\necho '{"clientVersion":{"version":"1.31.0"}}'\n`);
    deps = { ...deps, env: { ...process.env, INPUT_KUBECONFIG: 'hunter2' } };
    await acquire({ givenPath: path });
    expect(readFileSync(trace, 'utf8')).not.toContain('hunter2');
  });
});
