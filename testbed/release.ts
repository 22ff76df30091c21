import { resolve } from 'node:path';
import { Refusal } from './refusal.ts';
import { run } from './process.ts';

/** One release of Istio that the testbed can install. */
export interface Release {
  readonly version: string;
  readonly istioctl: string;
  readonly pilot: string;
}

/**
 * The releases the testbed has. All are the same code, the one that can be had as a Go module, under four names, two of
 * them patch releases of one minor: enough to test an upgrade's phases against. The newest has other charts beside
 * (`laterCharts`); what else differs between releases is not tested.
 */
export const versions = ['1.30.3', '1.30.4', '1.31.0', '1.32.0'] as const;

/** One of them. */
export type Version = (typeof versions)[number];

/** The registry in the names of Istio's images. */
export const hub = 'docker.io/istio';

/** The linker's stamps that give a build of Istio its version. */
export function stamps(version: string): string {
  const prefix = 'istio.io/istio/pkg/version.';
  const values = {
    buildVersion: version,
    buildTag: version,
    buildStatus: 'Clean',
    buildHub: hub,
    buildGitRevision: 'eed52ebb66ad',
  };
  return Object.entries(values)
    .map(([name, value]) => `-X ${prefix}${name}=${value}`)
    .join(' ');
}

/** Releases built elsewhere, given as pairs of binaries; they call themselves what `istioctl version` says. */
export async function releasesFrom(
  istioctls: readonly string[],
  pilots: readonly string[],
): Promise<Release[]> {
  if (istioctls.length !== pilots.length)
    throw new Refusal('--istioctl and --pilot come in pairs: one of each per release.');
  return Promise.all(
    istioctls.map(async (path, i) => ({
      version: await versionOf(resolve(path)),
      istioctl: resolve(path),
      pilot: resolve(pilots[i] ?? ''),
    })),
  );
}

async function versionOf(istioctl: string): Promise<string> {
  const { stdout } = await run([istioctl, 'version', '--remote=false', '-o', 'json']);
  try {
    const { clientVersion } = JSON.parse(stdout) as { clientVersion: { version: string } };
    return clientVersion.version;
  } catch {
    throw new Refusal(
      `${istioctl} is no istioctl: "version --remote=false -o json" does not say its version.`,
    );
  }
}
