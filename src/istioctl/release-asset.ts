import type { Version } from '../istio/version.ts';

/** The machine that istioctl is to run on, in Node's words. */
export interface Platform {
  readonly platform: string;
  readonly arch: string;
}

/** Names of release assets since 1.19. Windows is left out: no process groups there, see `processRunner`. */
const ASSETS: Readonly<Record<string, string>> = {
  'linux/x64': 'linux-amd64',
  'linux/arm64': 'linux-arm64',
  'linux/arm': 'linux-armv7',
  'darwin/x64': 'osx-amd64',
  'darwin/arm64': 'osx-arm64',
};

/** Istio builds no istioctl for this machine, or this Action does not run there. */
export class UnsupportedPlatform extends Error {
  override readonly name = 'UnsupportedPlatform';
}

/**
 * How the archives for this machine end, such as `linux-amd64`.
 *
 * @throws UnsupportedPlatform
 */
export function assetSuffix({ platform, arch }: Platform): string {
  const suffix = ASSETS[`${platform}/${arch}`];
  if (suffix !== undefined) return suffix;
  throw new UnsupportedPlatform(
    `there is no istioctl for ${platform} on ${arch}: use a runner with Linux or macOS`,
  );
}

/**
 * Address of a version's istioctl; its checksum has the same with `.sha256` behind it.
 *
 * @throws UnsupportedPlatform
 */
export function assetUrl(baseUrl: string, version: Version, platform: Platform): string {
  const suffix = assetSuffix(platform);
  return `${baseUrl.replace(/\/{1,20}$/, '')}/${version.text}/istioctl-${version.text}-${suffix}.tar.gz`;
}
