import type { Mesh } from './mesh.ts';
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

/** What can tell the version of a control plane, best first. */
export type VersionSource = 'image' | 'label' | 'istiod' | 'proxies';

/** A version, and what told it. */
export interface ToldVersion {
  readonly version: string;
  readonly source: VersionSource;
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
  const answers: readonly (readonly [VersionSource, string | undefined])[] = [
    ['image', imageVersion(image)],
    ['label', releaseOf(label ?? '')],
    ['istiod', releaseOf(istiod ?? '')],
    ['proxies', told.size === 1 ? [...told][0] : undefined],
  ];
  for (const [source, version] of answers) if (version !== undefined) return { version, source };
  return undefined;
}

/** A mesh in which control planes that did not tell their version have the one that was told of them, by fingerprint. */
export function withTold(mesh: Mesh, told: ReadonlyMap<string, ToldVersion>): Mesh {
  return {
    ...mesh,
    planes: mesh.planes.map((plane) => {
      const known = plane.version === undefined ? told.get(plane.fingerprint) : undefined;
      return known === undefined ? plane : { ...plane, version: known.version, versionFrom: known.source };
    }),
  };
}

const SAYERS: Readonly<Record<Exclude<VersionSource, 'image'>, string>> = {
  label: 'the label operator.istio.io/version of its istiod says',
  istiod: 'its istiod says itself',
  proxies: 'all its proxies say',
};

/** Of each control plane whose image does not tell its version: what does, in a sentence. */
export function versionNotes({ planes }: Pick<Mesh, 'planes'>): string[] {
  return planes.flatMap(({ revision, version, versionFrom }) =>
    version === undefined || versionFrom === undefined || versionFrom === 'image'
      ? []
      : [`Revision ${revision} is version ${version}, as ${SAYERS[versionFrom]}: its image does not tell.`],
  );
}
