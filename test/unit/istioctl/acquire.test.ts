import * as toolCache from '@actions/tool-cache';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
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
/** What answers in a way of its own, by path. */
const answers = new Map<string, (response: ServerResponse) => void>();
const requests: string[] = [];
let failures = 0;
let work: string;
let trace: string;
let deps: AcquireDeps;

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    requests.push(url);
    const own = answers.get(url);
    if (own !== undefined) {
      own(response);
      return;
    }
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
});

afterAll(async () => {
  jest.restoreAllMocks();
  server.closeAllConnections();
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
    patience: { idleMs: 10_000, pauseMs: 1 },
  };
  served.clear();
  answers.clear();
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
/** But for istioctl's own settings, which are empty and stay. */
const leftBehind = (): string[] =>
  (existsSync(deps.tempDir) ? readdirSync(deps.tempDir) : []).filter(
    (name) => name !== 'istioctl-settings.yaml',
  );
const cachedArchive = (): string =>
  join(toolCache.find('istio-upgrade-istioctl', '1.31.0', 'x64'), 'archive.tar.gz');
const url = (): string => `${base}/1.31.0/istioctl-1.31.0-linux-amd64.tar.gz`;

describe('a download', () => {
  test('is checked, unpacked, asked for its version, and cached', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    const acquired = await acquire();
    expect(acquired).toEqual({
      path: acquired.path,
      version: '1.31.0',
      source: url(),
      sha256: sha256(program('1.31.0', trace)),
    });
    expect(readFileSync(acquired.path, 'utf8')).toBe(program('1.31.0', trace));
    expect(acquired.path.startsWith(deps.tempDir)).toBe(true);
    expect(leftBehind()).toEqual([expect.stringMatching(/^istioctl-/)]);
    expect(readFileSync(cachedArchive())).toEqual(served.get(PATH));
  });

  test('is not repeated: what is cached is the archive, and its sum is asked for again', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    const first = await acquire();
    requests.length = 0;
    expect(await acquire()).toEqual({ ...first, path: expect.any(String) });
    expect(requests).toEqual([`${PATH}.sha256`]);
  });

  test('is not repeated, and nobody is asked, where the sum was given', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    const sum = sha256(served.get(PATH)!);
    await acquire({ sha256: sum });
    expect(requests).toEqual([PATH]);
    requests.length = 0;
    await acquire({ sha256: sum });
    expect(requests).toEqual([]);
  });

  test('is repeated where the cached archive is another one, whatever lies beside it: a planted program is not run', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    const { sha256: sum } = await acquire();
    const planted = archive({ istioctl: `${program('1.31.0', trace)}touch "${work}/planted"\n` });
    writeFileSync(cachedArchive(), planted);
    const beside = dirname(cachedArchive());
    writeFileSync(join(beside, 'istioctl'), `#!/bin/sh\ntouch "${work}/planted"\n`, { mode: 0o755 });
    writeFileSync(join(beside, 'archive.tar.gz.sha256'), `${sha256(planted)} ${url()}\n`);
    writeFileSync(join(beside, 'istioctl.sha256'), `${sha256(planted)} ${url()}\n`);
    requests.length = 0;
    expect(await acquire()).toMatchObject({ sha256: sum });
    expect(requests).toEqual([`${PATH}.sha256`, PATH]);
    expect(existsSync(join(work, 'planted'))).toBe(false);
    expect(readFileSync(cachedArchive())).toEqual(served.get(PATH));
  });

  test.each([
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
    ['a link to what never ends', (path: string) => symlinkSync('/dev/zero', path)],
    ['a directory', (path: string) => mkdirSync(path)],
  ])('is repeated where what is cached is %s, and holds nobody', async (_what, plant) => {
    serve({ istioctl: program('1.31.0', trace) });
    await acquire();
    const archive = join(toolCache.find('istio-upgrade-istioctl', '1.31.0', 'x64'), 'archive.tar.gz');
    rmSync(archive);
    plant(archive);
    requests.length = 0;
    await expect(acquire()).resolves.toMatchObject({ version: '1.31.0' });
    expect(requests).toContain(PATH);
  });

  test('with another sum than the one given is refused, though the mirror has a sum that fits', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    const error: unknown = await acquire({ sha256: 'b'.repeat(64) }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ChecksumMismatch);
    expect((error as Error).message).toContain('by the input');
    expect(existsSync(trace)).toBe(false);
    expect(leftBehind()).toEqual([]);
  });

  test('with a wrong checksum is neither opened nor run nor kept', async () => {
    serve({ istioctl: program('1.31.0', trace) }, `${'a'.repeat(64)} name\n`);
    const error: unknown = await acquire().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ChecksumMismatch);
    expect(error).toMatchObject({ url: url(), expected: 'a'.repeat(64), got: sha256(served.get(PATH)!) });
    expect((error as Error).message).toContain(url());
    expect(existsSync(trace)).toBe(false);
    expect(leftBehind()).toEqual([]);
    expect(toolCache.find('istio-upgrade-istioctl', '1.31.0', 'x64')).toBe('');
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
    expect(toolCache.find('istio-upgrade-istioctl', '1.31.0', 'x64')).toBe('');
    expect(leftBehind()).toEqual([]);
  });

  test('keeps the program alone', async () => {
    serve({ istioctl: program('1.31.0', trace), 'kubectl-evil': 'x' });
    const { path } = await acquire();
    expect(readdirSync(dirname(path))).toEqual(['istioctl']);
  });

  test('without the program in it is refused', async () => {
    serve({ other: 'x' });
    await expect(acquire()).rejects.toThrow(/holds no program istioctl/);
    expect(leftBehind()).toEqual([]);
  });

  test('without a network is cached nowhere, and a cache that is full or read-only costs a download, no more', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    const broken = { find: () => '', cacheDir: () => Promise.reject(new Error('ENOSPC')) };
    deps = { ...deps, toolCache: () => Promise.resolve(broken) };
    await expect(acquire()).resolves.toMatchObject({ version: '1.31.0' });
  });

  test.each([
    ['a directory', () => mkdirSync(join(work, 'a', 'istioctl'), { recursive: true })],
    [
      'a link',
      () => {
        mkdirSync(join(work, 'a'));
        symlinkSync('/bin/true', join(work, 'a', 'istioctl'));
      },
    ],
  ])('whose istioctl is %s is refused', async (_what, make) => {
    make();
    const data = execFileSync('tar', ['-cz', '-C', join(work, 'a'), 'istioctl']);
    served.set(PATH, data).set(`${PATH}.sha256`, sha256(data));
    await expect(acquire()).rejects.toThrow(/holds no program istioctl/);
  });

  test.each([
    ['no archive', Buffer.from('hello')],
    ['cut short', gzipSync(Buffer.alloc(700, 'x')).subarray(0, 20)],
    ['no tar', gzipSync(Buffer.alloc(700, 'x'))],
    ['empty', gzipSync(Buffer.alloc(0))],
  ])('that is %s is refused', async (_what, data) => {
    served.set(PATH, data).set(`${PATH}.sha256`, sha256(data));
    await expect(acquire()).rejects.toThrow(/holds no program istioctl/);
    expect(leftBehind()).toEqual([]);
  });

  test('is followed to where it leads, and not to where others could read along', async () => {
    serve({ istioctl: program('1.31.0', trace) });
    served.set('/elsewhere', served.get(PATH)!);
    answers.set(PATH, (response) => response.writeHead(302, { location: '/elsewhere' }).end());
    await expect(acquire()).resolves.toMatchObject({ source: url() });
    answers.set(PATH, (response) => response.writeHead(302, { location: 'http://example.com/x' }).end());
    process.env.RUNNER_TOOL_CACHE = join(work, 'other-cache');
    await expect(acquire()).rejects.toThrow(/leads to an address that is not https/);
    answers.set(PATH, (response) => response.writeHead(302, { location: PATH }).end());
    await expect(acquire()).rejects.toThrow(/302/);
  });

  test('ends at a size, whatever is promised', async () => {
    answers.set(`${PATH}.sha256`, (response) => {
      const more = (): void => {
        while (response.write('x'.repeat(1024)));
        response.once('drain', more);
      };
      more();
    });
    await expect(acquire()).rejects.toThrow(/longer than 4096 bytes/);
    expect(requests).toHaveLength(1);
    expect(leftBehind()).toEqual([]);
  });

  const SILENT: readonly (readonly [string, (response: ServerResponse) => void])[] = [
    ['accepts and says nothing', () => undefined],
    ['says half of it', (response) => void response.writeHead(200, { 'content-length': '64' }).write('abc')],
  ];

  test.each(SILENT)(
    'from a mirror that %s ends with the run, with its reason (M15)',
    async (_what, answer) => {
      const ended = new AbortController();
      answers.set(`${PATH}.sha256`, (response) => {
        answer(response);
        setTimeout(() => ended.abort(new Error('the time of this run is used up')), 50);
      });
      // Not by its silence: that takes longer than this test may.
      deps = { ...deps, signal: ended.signal, patience: { idleMs: 600_000, pauseMs: 1 } };
      await expect(acquire()).rejects.toThrow('the time of this run is used up');
      expect(requests).toHaveLength(1);
      expect(leftBehind()).toEqual([]);
    },
  );

  test.each(SILENT)('from a mirror that %s is given up, and tried three times', async (_what, answer) => {
    answers.set(`${PATH}.sha256`, answer);
    deps = { ...deps, patience: { idleMs: 100, pauseMs: 1 } };
    await expect(acquire()).rejects.toThrow(/cannot download .*silent for 0.1 s/);
    expect(requests).toHaveLength(3);
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
    const older = (version: string, platform: string, arch: string): string =>
      assetUrl('https://x', parseVersion(version), { platform, arch }).replace(/^.*\/istioctl-/, '');
    expect(older('1.18.7', 'darwin', 'x64')).toBe('1.18.7-osx.tar.gz');
    expect(older('1.6.14', 'linux', 'arm64')).toBe('1.6.14-linux-arm64.tar.gz');
    expect(older('1.5.10', 'linux', 'x64')).toBe('1.5.10-linux.tar.gz');
    expect(() => older('1.9.9', 'darwin', 'arm64')).toThrow(
      /no istioctl 1\.9 for darwin on arm64, which came with 1\.10/,
    );
    // Too old for every machine: this one is not to blame.
    for (const arch of ['x64', 'arm64']) {
      expect(() => older('1.3.8', 'linux', arch)).toThrow(/no istioctl 1\.3 to download: the first is 1\.4$/);
    }
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
      source: `${path} on linux/x64`,
      sha256: sha256(program('1.31.0', trace)),
    });
    expect(requests).toEqual([]);
  });

  test("is asked without the settings of the machine's own istioctl", async () => {
    const path = given(`#!/bin/sh\ncat "$ISTIOCONFIG" >&2 || exit 1\n${program('1.31.0', trace)}`);
    await expect(acquire({ givenPath: path })).resolves.toMatchObject({ version: '1.31.0' });
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

  test('with another sum than the one given is not run', async () => {
    const path = given(program('1.31.0', trace));
    await expect(acquire({ givenPath: path, sha256: 'c'.repeat(64) })).rejects.toThrow(ChecksumMismatch);
    expect(existsSync(trace)).toBe(false);
    const right = sha256(program('1.31.0', trace));
    await expect(acquire({ givenPath: path, sha256: right })).resolves.toMatchObject({ sha256: right });
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
