import { dialectOfText } from './dialect.ts';
import { type Mesh, planeOfRevision } from './mesh.ts';
import { DEFAULT_TAG } from './names.ts';
import { runs } from './state-in-place.ts';

/** Whether the control plane without a revision is the default by a tag, with a validator of its own: from 1.12 on. */
export function hasDefaultTag(version: string): boolean {
  const dialect = dialectOfText(version);
  return dialect === undefined || dialect.defaultValidator !== undefined;
}

/**
 * Whether a control plane that has gone down below 1.12 still has the default tag of the newer release beside its own
 * injector: both would inject.
 */
export function leavesDefaultTag(
  mesh: Pick<Mesh, 'planes' | 'tags' | 'defaultValidator'>,
  { revision, version }: { readonly revision: string; readonly version: string },
): boolean {
  return (
    !hasDefaultTag(version) &&
    runs(planeOfRevision(mesh, revision), version) &&
    (mesh.tags.some(({ tag }) => tag === DEFAULT_TAG) || mesh.defaultValidator !== undefined)
  );
}
