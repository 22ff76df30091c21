import type { Finding } from '../finding.ts';
import { type Mesh, userTags } from './mesh.ts';

type Seen = Omit<Mesh, 'workloads' | 'pods' | 'makers'>;

/** What a command may not touch, beside what it is for. */
const WATCHED = {
  'the default tag': (mesh: Seen) => [mesh.defaultInjector, mesh.defaultService],
  'the default validator': (mesh: Seen) => mesh.defaultValidator,
  // A tenant's Gateway comes and goes while istioctl runs: what istioctl installed is what it could have changed (M39).
  'the gateways': (mesh: Seen) => mesh.installedGateways.map(({ fingerprint }) => fingerprint),
  'CNI or ztunnel': (mesh: Seen) => mesh.shared,
} satisfies Record<string, (mesh: Seen) => unknown>;

export type Watched = keyof typeof WATCHED;

/**
 * Promise 6: what changed between two looks although the command between them is not for that.
 *
 * @param command for the text, such as `istioctl install`
 * @param own the revision that the command is about; all other control planes must stay as they are
 * @param meant what it is meant to change
 * @param tag the revision tag that it is meant to change
 */
export function changedByAccident(
  before: Seen,
  after: Seen,
  {
    command,
    own,
    meant = [],
    tag,
  }: { command: string; own: string; meant?: readonly Watched[]; tag?: string },
): Finding[] {
  const others = (mesh: Seen): unknown =>
    mesh.planes.filter(({ revision }) => revision !== own).map(({ fingerprint }) => fingerprint);
  const otherTags = (mesh: Seen): unknown => userTags(mesh).filter((item) => item.tag !== tag);
  const looks: [string, (mesh: Seen) => unknown][] = [
    ...Object.entries(WATCHED).filter(([what]) => !meant.includes(what as Watched)),
    [tag === undefined ? 'the revision tags' : 'another revision tag', otherTags],
    ['another control plane', others],
  ];
  return looks
    .filter(([, read]) => JSON.stringify(read(before)) !== JSON.stringify(read(after)))
    .map(([what]) => ({
      id: 'changed-by-accident',
      severity: 'error',
      message: `${command} changed ${what}, which it must not touch`,
      remedy:
        'Compare with the report of the precheck. Rollback puts back the default tag and validator first.',
    }));
}
