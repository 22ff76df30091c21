import { createHash } from 'node:crypto';
import { access, constants, mkdir, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Version } from '../istio/version.ts';
import type { CommandRunner } from '../process/command.ts';
import { AcquireError, ChecksumMismatch } from './acquire-error.ts';
import { clientVersionArgs } from './argv.ts';
import { copied } from './cached-archive.ts';
import { readClientVersion } from './client-version.ts';
import { type DownloadLimits, download, isSecure, remedyFor } from './download.ts';
import { istioctlEnvironment } from './environment.ts';
import { publishedSum } from './published-sums.ts';
import { type Platform, assetSuffix, assetUrl } from './release-asset.ts';
import { unpackOne } from './unpack.ts';

/** What is used of `@actions/tool-cache`. */
export interface ToolCache {
  /** Directory of a cached tool, or an empty text. */
  find(tool: string, version: string, arch: string): string;
  /** Copies a directory into the cache, over what is there. */
  cacheDir(dir: string, tool: string, version: string, arch: string): Promise<string>;
}

/** Where istioctl of which version comes from. */
export interface Wanted {
  readonly version: Version;
  /** Path of a program that the user gave; then nothing is downloaded. */
  readonly givenPath: string | undefined;
  readonly baseUrl: string;
  /** What the user says that its sha256 is: of the archive, or of the program whose path was given. */
  readonly sha256?: string | undefined;
}

/** What acquiring needs of its surroundings. */
export interface AcquireDeps extends Platform {
  /** Asked for only where no path is given. */
  readonly toolCache: () => Promise<ToolCache>;
  readonly runner: CommandRunner;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A directory of this run alone; the program stays in it, and its settings; what else is put into it is gone afterwards. */
  readonly tempDir: string;
  readonly signal?: AbortSignal;
  /** For tests: how patient a download is. */
  readonly patience?: Patience;
}

/** Of a download. */
export type Patience = Omit<DownloadLimits, 'maxBytes'>;

/** An istioctl that is what it should be. */
export interface AcquiredIstioctl {
  readonly path: string;
  /** The version that it says it is: the wanted one. */
  readonly version: string;
  /** The URL, which names the platform, or the path with the platform: on another one it leads to another program. */
  readonly source: string;
  /** Of the program, in hex: another run can tell whether it has the same one. */
  readonly sha256: string;
}

const TOOL = 'istioctl';
/** In the runner's tool cache: a name of our own, so that nobody's istioctl on the PATH is replaced by an archive. */
const CACHED = 'istio-upgrade-istioctl';
const ARCHIVE = 'archive.tar.gz';
const VERSION_TIMEOUT_MS = 30_000;
const PATIENCE: Patience = { idleMs: 30_000, pauseMs: 2_000 };
/** istioctl's archives have about 30 MB. */
const MAX_ARCHIVE = 256 * 1024 * 1024;
const MAX_CHECKSUM = 4096;
/** Bytes of a file that are looked at at once. */
const READ = 256 * 1024;

/**
 * Gets istioctl of one version: the path given, else the archive in the runner's tool cache, else a download.
 *
 * An archive, wherever it was, is opened only when its sha256 is right, and that never is what lies beside it in the
 * cache, where every job of the runner may write: it is what the user gave, else what is published with this Action, else
 * what is published beside the download. The program is unpacked anew for each run, into a directory of its own, and
 * asked for its version.
 *
 * @throws AcquireError, or the reason of the signal
 */
export async function acquireIstioctl(wanted: Wanted, deps: AcquireDeps): Promise<AcquiredIstioctl> {
  const found =
    wanted.givenPath === undefined
      ? await fromRelease(wanted, deps)
      : await fromPath(wanted.givenPath, wanted, deps);
  return { ...found, version: wanted.version.text };
}

type Found = Omit<AcquiredIstioctl, 'version'>;

async function fromPath(path: string, { version, sha256 }: Wanted, deps: AcquireDeps): Promise<Found> {
  const remedy = 'Correct the input, or leave it empty to download istioctl.';
  const file = await stat(path).catch((cause: unknown) => {
    throw new AcquireError(`there is no istioctl at ${path}`, remedy, { cause });
  });
  if (!file.isFile()) throw new AcquireError(`${path} is no file`, remedy);
  await access(path, constants.X_OK).catch((cause: unknown) => {
    throw new AcquireError(`${path} is not executable`, remedy, { cause });
  });
  const got = await sha256Of(path);
  if (sha256 !== undefined && got !== sha256) throw new ChecksumMismatch(path, sha256, got, 'by the input');
  await proveVersion(path, version, deps);
  return { path, source: `${path} on ${deps.platform}/${deps.arch}`, sha256: got };
}

/** A sum, and who says so. */
interface Expected {
  readonly sum: string;
  readonly source: string;
}

async function fromRelease(wanted: Wanted, deps: AcquireDeps): Promise<Found> {
  const url = assetUrl(wanted.baseUrl, wanted.version, deps);
  // The inputs reject this, too; here it guards whatever calls us.
  if (!isSecure(url)) {
    throw new AcquireError(`${url} is not https`, 'Give an https:// address in the input istioctl-base-url.');
  }
  await mkdir(deps.tempDir, { recursive: true });
  const dir = await mkdtemp(join(deps.tempDir, 'download-'));
  try {
    const expected = known(wanted, deps) ?? (await fetchChecksum(`${url}.sha256`, join(dir, 'sum'), deps));
    const toolCache = await deps.toolCache();
    const cached = join(toolCache.find(CACHED, wanted.version.text, deps.arch), ARCHIVE);
    // Copied before it is looked at: what is looked at must be what is opened.
    const archive = join(dir, ARCHIVE);
    const isCached =
      (await copied(cached, archive, MAX_ARCHIVE)) && (await sha256Of(archive)) === expected.sum;
    if (!isCached) await fetchArchive(url, archive, expected, deps);
    const found = await unpack(archive, url, deps);
    try {
      // Before it is cached: a mirror that serves another version must not spoil later runs.
      await proveVersion(found.path, wanted.version, deps);
    } catch (error) {
      await rm(dirname(found.path), { recursive: true, force: true });
      throw error;
    }
    if (!isCached) await keep(archive, dir, wanted.version, toolCache, deps);
    return found;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The sum that does not come from where the archive does. */
function known({ sha256, version }: Wanted, deps: AcquireDeps): Expected | undefined {
  if (sha256 !== undefined) return { sum: sha256, source: 'by the input' };
  const sum = publishedSum(version.text, assetSuffix(deps, version));
  return sum === undefined ? undefined : { sum, source: 'as Istio published it' };
}

async function fetchArchive(url: string, dest: string, expected: Expected, deps: AcquireDeps): Promise<void> {
  await rm(dest, { force: true });
  await fetchFile(url, dest, MAX_ARCHIVE, deps);
  const got = await sha256Of(dest);
  if (got !== expected.sum) throw new ChecksumMismatch(url, expected.sum, got, expected.source);
}

/** The first word of the file, as in `<hex> <name>`. */
async function fetchChecksum(url: string, dest: string, deps: AcquireDeps): Promise<Expected> {
  await fetchFile(url, dest, MAX_CHECKSUM, deps);
  const sum = (await readFile(dest, 'utf8')).trim().split(/\s+/)[0]?.toLowerCase() ?? '';
  if (/^[0-9a-f]{64}$/.test(sum)) return { sum, source: `by ${url}` };
  throw new AcquireError(`${url} holds no sha256 checksum`, 'Check the input istioctl-base-url.');
}

async function fetchFile(
  url: string,
  dest: string,
  maxBytes: number,
  { env, signal = new AbortController().signal, patience = PATIENCE }: AcquireDeps,
): Promise<void> {
  try {
    await download(url, dest, { ...patience, maxBytes }, { env, signal });
  } catch (cause) {
    signal.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy =
      'Check the version; without access to that host give the path of an istioctl in the input istioctl, or a mirror in istioctl-base-url.';
    throw new AcquireError(`cannot download ${url}: ${reason}`, remedyFor(cause, remedy), { cause });
  }
}

/** The program, in a directory of its own of this run, which the post step removes. */
async function unpack(archive: string, url: string, { tempDir }: AcquireDeps): Promise<Found> {
  const dir = await mkdtemp(join(tempDir, 'istioctl-'));
  const path = join(dir, TOOL);
  const sha256 = await unpackOne(archive, TOOL, path);
  if (sha256 !== undefined) return { path, source: url, sha256 };
  await rm(dir, { recursive: true, force: true });
  throw new AcquireError(`${url} holds no program istioctl`, 'Check the input istioctl-base-url.');
}

/** For the next run. A cache that can't be written to costs it a download, and nothing else. */
async function keep(
  archive: string,
  dir: string,
  version: Version,
  toolCache: ToolCache,
  { arch }: AcquireDeps,
): Promise<void> {
  const kept = join(dir, 'kept');
  await mkdir(kept);
  await rename(archive, join(kept, ARCHIVE));
  await toolCache.cacheDir(kept, CACHED, version.text, arch).catch(() => undefined);
}

async function proveVersion(
  path: string,
  wanted: Version,
  { runner, env, tempDir, signal }: AcquireDeps,
): Promise<void> {
  const result = await runner.run({
    file: path,
    args: clientVersionArgs(),
    env: await istioctlEnvironment(env, tempDir),
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

/** Through one buffer: a stream leaves as many behind as a file has room for, and memory for all of them is taken. */
async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(READ);
  const file = await open(path);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
