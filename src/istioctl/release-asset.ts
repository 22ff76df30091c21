import { type Version, isAtLeast, minorOf } from '../istio/version.ts';

/** The machine that istioctl is to run on, in Node's words. */
export interface Platform {
  readonly platform: string;
  readonly arch: string;
}

/** How the archives for a machine end, from a minor release of Istio on. */
interface Asset {
  readonly since: string;
  readonly suffix: string;
}

/**
 * Names of release assets, newest first (Istio's release-builder, `pkg/build/archive.go` of each release branch). Windows is
 * left out: no process groups there, see `processRunner`.
 */
const ASSETS: Readonly<Record<string, readonly Asset[]>> = {
  'linux/x64': [
    { since: '1.6', suffix: 'linux-amd64' },
    { since: '1.4', suffix: 'linux' },
  ],
  'linux/arm64': [{ since: '1.6', suffix: 'linux-arm64' }],
  'linux/arm': [{ since: '1.6', suffix: 'linux-armv7' }],
  'darwin/x64': [
    { since: '1.19', suffix: 'osx-amd64' },
    { since: '1.4', suffix: 'osx' },
  ],
  'darwin/arm64': [{ since: '1.10', suffix: 'osx-arm64' }],
};

/** Istio builds no istioctl for this machine, or this Action does not run there. */
export class UnsupportedPlatform extends Error {
  override readonly name = 'UnsupportedPlatform';
  readonly remedy: string;

  constructor(
    message: string,
    remedy = 'Use a runner of a platform that Istio builds for, or give the path of a program that runs there (input istioctl).',
  ) {
    super(message);
    this.remedy = remedy;
  }
}

/** Before this minor release the archives had other names, on every machine. */
const FIRST = '1.4';

/**
 * How the archives for this machine end, such as `linux-amd64`.
 *
 * @throws UnsupportedPlatform
 */
export function assetSuffix({ platform, arch }: Platform, version: Version): string {
  const assets = ASSETS[`${platform}/${arch}`] ?? [];
  const asset = assets.find(({ since }) => isAtLeast(version, since));
  if (asset !== undefined) return asset.suffix;
  if (assets.length > 0 && !isAtLeast(version, FIRST)) {
    throw new UnsupportedPlatform(
      `there is no istioctl ${minorOf(version)} to download: the first is ${FIRST}`,
      'Correct the input version: it has three numbers, such as 1.31.0. For a mesh that is so old, give the path of its istioctl (input previous-istioctl).',
    );
  }
  const machine = `${platform} on ${arch}`;
  const oldest = assets.at(-1)?.since;
  throw new UnsupportedPlatform(
    oldest === undefined
      ? `there is no istioctl for ${machine}: use a runner with Linux or macOS`
      : `there is no istioctl ${minorOf(version)} for ${machine}, which came with ${oldest}: use a runner of another architecture`,
  );
}

/**
 * Address of a version's istioctl; its checksum has the same with `.sha256` behind it.
 *
 * @throws UnsupportedPlatform
 */
export function assetUrl(baseUrl: string, version: Version, platform: Platform): string {
  const suffix = assetSuffix(platform, version);
  return `${baseUrl.replace(/\/{1,20}$/, '')}/${version.text}/istioctl-${version.text}-${suffix}.tar.gz`;
}
