import { labelling } from './immovable.ts';
import type { MeshNamespace } from './mesh.ts';
import { LABEL_INJECTION, LABEL_REVISION, UNREVISIONED } from './names.ts';

/**
 * What a person does so that a namespace chooses a revision, as a sentence without its end: in Git where Git keeps the label,
 * as it would undo anything else.
 */
export function relabelling(
  { name, labels, git }: Pick<MeshNamespace, 'name' | 'labels' | 'git'>,
  revision: string,
): string {
  if (git === undefined) {
    const isPlain = revision !== UNREVISIONED && labels[LABEL_INJECTION] === undefined;
    const command = isPlain
      ? `kubectl label namespace ${name} ${LABEL_REVISION}=${revision} --overwrite`
      : labelling(name, revision);
    return `Label namespace ${name} for ${revision} (${command})`;
  }
  const [wanted, other] =
    revision === UNREVISIONED
      ? [`${LABEL_INJECTION}=enabled`, LABEL_REVISION]
      : [`${LABEL_REVISION}=${revision}`, LABEL_INJECTION];
  const instead = labels[other] === undefined ? '' : ` in place of ${other}`;
  return `Set ${wanted}${instead} of namespace ${name} in Git (${git.tool} keeps it, and undoes kubectl label)`;
}
