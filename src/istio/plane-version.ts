import { imageVersion } from './proxy.ts';
import { releaseOf } from './version.ts';

/** Where the version of a control plane can be read, as far as each was seen. */
export interface VersionSources {
  /** Image of the container `discovery`. */
  readonly image?: string | undefined;
  /** Label or annotation `operator.istio.io/version` of istiod's Deployment. */
  readonly label?: string | undefined;
  /** What istiod itself says (`istioctl version`, `/version`). */
  readonly istiod?: string | undefined;
  /** What the proxies say that its own injector made. */
  readonly proxies?: readonly string[] | undefined;
}

/** A version, and what told it. */
export interface ToldVersion {
  readonly version: string;
  readonly source: 'image' | 'label' | 'istiod' | 'proxies';
}

/**
 * The release that a control plane is of. Its image tells, else the label that istioctl sets, else istiod itself, else
 * its proxies where all say the same: an image pinned by digest, or with a tag of one's own, says nothing (F05, M25).
 * Undefined where nobody tells.
 */
export function versionOfPlane({
  image,
  label,
  istiod,
  proxies = [],
}: VersionSources): ToldVersion | undefined {
  const told = new Set(proxies.map(releaseOf));
  const answers: readonly (readonly [ToldVersion['source'], string | undefined])[] = [
    ['image', imageVersion(image)],
    ['label', releaseOf(label ?? '')],
    ['istiod', releaseOf(istiod ?? '')],
    ['proxies', told.size === 1 ? [...told][0] : undefined],
  ];
  for (const [source, version] of answers) if (version !== undefined) return { version, source };
  return undefined;
}
