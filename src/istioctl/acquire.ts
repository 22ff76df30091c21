import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  access,
  chmod,
  constants,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Version } from '../istio/version.ts';
import type { CommandRunner } from '../process/command.ts';
import { childEnvironment } from '../process/environment.ts';
import { AcquireError, ChecksumMismatch } from './acquire-error.ts';
import { clientVersionArgs } from './argv.ts';
import { readClientVersion } from './client-version.ts';
import { type Platform, assetUrl } from './release-asset.ts';

/** What is used of `@actions/tool-cache`. */
export interface ToolCache {
  /** Directory of a cached tool, or an empty text. */
  find(tool: string, version: string, arch: string): string;
  /** Downloads into a file; follows redirects and proxies, retries three times at most, rejects on 404. */
  downloadTool(url: string, dest: string): Promise<string>;
  extractTar(file: string, dest: string): Promise<string>;
  /** Copies a directory into the cache, over what is there. */
  cacheDir(dir: string, tool: string, version: string, arch: string): Promise<string>;
}

/** Where istioctl of which version comes from. */
export interface Wanted {
  readonly version: Version;
  /** Path of a program that the user gave; then nothing is downloaded. */
  readonly givenPath: string | undefined;
  readonly baseUrl: string;
}

/** What acquiring needs of its surroundings. */
export interface AcquireDeps extends Platform {
  /** Asked for only where no path is given. */
  readonly toolCache: () => Promise<ToolCache>;
  readonly runner: CommandRunner;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** An existing directory; what is put into it is gone afterwards. */
  readonly tempDir: string;
  readonly signal?: AbortSignal;
}

/** An istioctl that is what it should be. */
export interface AcquiredIstioctl {
  readonly path: string;
  /** The version that it says it is: the wanted one. */
  readonly version: string;
  readonly source: { readonly url: string } | { readonly path: string };
  /** Of the program, in hex: another run can tell whether it has the same one. */
  readonly sha256: string;
}

const TOOL = 'istioctl';
/** Beside the cached program: its checksum when its archive's was proved, a blank, and where it came from. */
const RECORD = 'istioctl.sha256';
const VERSION_TIMEOUT_MS = 30_000;

/**
 * Gets istioctl of one version: the path given, else the runner's tool cache, else a download. A download is opened
 * only when its checksum, published beside it, is right; a cached program only used while it is the one that was
 * cached. A program that is new here is asked for its version.
 *
 * @throws AcquireError, ChecksumMismatch, UnsupportedPlatform, CommandNotRunnable; nothing is left behind then
 */
export async function acquireIstioctl(wanted: Wanted, deps: AcquireDeps): Promise<AcquiredIstioctl> {
  const { givenPath, version } = wanted;
  const found = await (givenPath === undefined
    ? fromRelease(wanted, deps)
    : fromPath(givenPath, version, deps));
  return { ...found, version: version.text };
}

/** A program whose version was proved. */
type Found = Omit<AcquiredIstioctl, 'version'>;

async function fromPath(path: string, version: Version, deps: AcquireDeps): Promise<Found> {
  const remedy =
    'Give the path of an executable istioctl in the input istioctl, or leave it empty to download one.';
  const file = await stat(path).catch((cause: unknown) => {
    throw new AcquireError(`there is no istioctl at ${path}`, remedy, { cause });
  });
  if (!file.isFile()) throw new AcquireError(`${path} is no file`, remedy);
  await access(path, constants.X_OK).catch((cause: unknown) => {
    throw new AcquireError(`${path} is not executable`, remedy, { cause });
  });
  await proveVersion(path, version, deps);
  return { path, source: { path }, sha256: await sha256Of(path) };
}

async function fromRelease({ version, baseUrl }: Wanted, deps: AcquireDeps): Promise<Found> {
  const url = assetUrl(baseUrl, version, deps);
  rejectInsecure(url);
  const toolCache = await deps.toolCache();
  const cached = await fromCache(toolCache.find(TOOL, version.text, deps.arch), url);
  if (cached !== undefined) return cached;
  await mkdir(deps.tempDir, { recursive: true });
  const dir = await mkdtemp(join(deps.tempDir, 'istioctl-'));
  try {
    return await download(url, version, dir, toolCache, deps);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The inputs reject this, too; here it guards whatever calls us. */
function rejectInsecure(url: string): void {
  const { protocol, hostname } = new URL(url);
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (protocol === 'https:' || (protocol === 'http:' && local)) return;
  throw new AcquireError(`${url} is not https`, 'Give an https:// address in the input istioctl-base-url.');
}

/**
 * A cached program that is no longer what was cached, or that came from elsewhere (another mirror may hold another
 * build), is not used: it is downloaded again, over it.
 */
async function fromCache(dir: string, wanted: string): Promise<Found | undefined> {
  if (dir === '') return undefined;
  const path = join(dir, TOOL);
  const record = await readFile(join(dir, RECORD), 'utf8').catch(() => '');
  const [recorded = '', url = ''] = record.trim().split(' ');
  const sha256 = await sha256Of(path).catch(() => undefined);
  return sha256 !== undefined && recorded === sha256 && url === wanted
    ? { path, source: { url }, sha256 }
    : undefined;
}

async function download(
  url: string,
  version: Version,
  dir: string,
  toolCache: ToolCache,
  deps: AcquireDeps,
): Promise<Found> {
  const expected = await fetchChecksum(`${url}.sha256`, join(dir, 'archive.sha256'), toolCache);
  const archive = await fetchFile(url, join(dir, 'archive.tar.gz'), toolCache);
  const got = await sha256Of(archive);
  if (got !== expected) throw new ChecksumMismatch(url, expected, got);
  const tool = join(dir, 'tool');
  const sha256 = await unpack(archive, tool, url, toolCache);
  // Before it is cached: a mirror that serves another version must not spoil later runs.
  await proveVersion(join(tool, TOOL), version, deps);
  const path = join(await toolCache.cacheDir(tool, TOOL, version.text, deps.arch), TOOL);
  // What was copied is what was proved, or a full disk has cut it short.
  if ((await sha256Of(path)) === sha256) return { path, source: { url }, sha256 };
  throw new AcquireError(`${path} was not copied whole`, 'Check the space on the runner and its tool cache.');
}

/** The first word of the file, as in `<hex> <name>`. */
async function fetchChecksum(url: string, dest: string, toolCache: ToolCache): Promise<string> {
  const text = await readFile(await fetchFile(url, dest, toolCache), 'utf8');
  const sum = text.trim().split(/\s+/)[0]?.toLowerCase() ?? '';
  if (/^[0-9a-f]{64}$/.test(sum)) return sum;
  throw new AcquireError(`${url} holds no sha256 checksum`, 'Check the input istioctl-base-url.');
}

async function fetchFile(url: string, dest: string, toolCache: ToolCache): Promise<string> {
  try {
    return await toolCache.downloadTool(url, dest);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy =
      'Check the version; without access to that host give the path of an istioctl in the input istioctl, or a mirror in istioctl-base-url.';
    throw new AcquireError(`cannot download ${url}: ${reason}`, remedy, { cause });
  }
}

/** Fills a directory with the program and its checksum, and nothing else that the archive may hold. */
async function unpack(archive: string, dir: string, url: string, toolCache: ToolCache): Promise<string> {
  const unpacked = await toolCache.extractTar(archive, `${dir}-unpacked`);
  const file = await lstat(join(unpacked, TOOL)).catch(() => undefined);
  // A link could lead out of the directory.
  if (file?.isFile() !== true) {
    throw new AcquireError(`${url} holds no program istioctl`, 'Check the input istioctl-base-url.');
  }
  const path = join(dir, TOOL);
  await mkdir(dir);
  await rename(join(unpacked, TOOL), path);
  await chmod(path, 0o755);
  const sha256 = await sha256Of(path);
  await writeFile(join(dir, RECORD), `${sha256} ${url}\n`);
  return sha256;
}

async function proveVersion(
  path: string,
  wanted: Version,
  { runner, env, signal }: AcquireDeps,
): Promise<void> {
  const result = await runner.run({
    file: path,
    args: clientVersionArgs(),
    env: childEnvironment(env),
    timeoutMs: VERSION_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  const answer = readClientVersion(result);
  const said = answer.readable ? `it is ${answer.version}` : `it does not say its version: ${answer.reason}`;
  if (answer.readable && answer.version === wanted.text) return;
  throw new AcquireError(
    `${path} is not istioctl ${wanted.text}: ${said}`,
    `Give an istioctl of version ${wanted.text}, or leave the input empty.`,
  );
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
