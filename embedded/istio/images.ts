/** The registry in the names of Istio's images, as on the testbed. */
export const HUB = 'docker.io/istio';

const ISTIO = ['pilot', 'proxyv2'];

/** Parts of `docker.io/istio/pilot:1.31.0-distroless`; the variant behind the version is cut off. */
export function splitImage(image: string): { hub: string; name: string; version: string } {
  const slash = image.lastIndexOf('/');
  const [name = '', tag = ''] = image.slice(slash + 1).split(':');
  return { hub: image.slice(0, Math.max(slash, 0)), name, version: tag.replace(/-(distroless|debug)$/, '') };
}

/** Whether an image can't be pulled: Istio's own are there under one hub and for the releases of this cluster. */
export function isMissing(image: string, versions: readonly string[]): boolean {
  const { hub, name, version } = splitImage(image);
  // A vendor's build, such as `1.30.3-solo`, is there where its release is; a preview of a release is not that release.
  const [base = version] = /^\d+\.\d+\.\d+(?=-(?!alpha|beta|rc))/.exec(version) ?? [];
  return ISTIO.includes(name) && (hub !== HUB || !versions.includes(base));
}
