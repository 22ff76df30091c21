import type { Finding } from '../finding.ts';
import type { MeshNamespace } from '../istio/mesh.ts';
import { ANNOTATION_ORIGINAL_LABELS, LABEL_INJECTION, LABEL_REVISION } from '../istio/names.ts';
import { isInPlace, isOfUpgrade } from '../istio/side.ts';
import type { Phase } from '../outcome.ts';
import type { View } from './upgrade.ts';

/**
 * Namespaces to which somebody has given their labels back since this Action moved them, as a CI that applies them does. A
 * rollback takes the annotation away in the patch that puts the labels back, so it was none of ours.
 */
export function putBack({
  mesh,
  record,
  upgrade,
}: Pick<View, 'mesh' | 'record' | 'upgrade'>): MeshNamespace[] {
  const isOpen = record !== undefined && record.endedAt === undefined && isOfUpgrade(record, upgrade);
  if (!isOpen || isInPlace(upgrade)) return [];
  const { revision } = upgrade.to;
  return mesh.namespaces.filter(({ labels, originals, terminating }) => {
    const entries = Object.entries(originals ?? {});
    return (
      !terminating &&
      entries.some(([, value]) => value !== null) &&
      entries.every(([label, value]) =>
        // What is applied over a move leaves the label that it does not know.
        value === null ? [undefined, revision].includes(labels[label]) : labels[label] === value,
      )
    );
  });
}

/** The labels that it has again, in words. */
export function labelsAgain({ originals = {} }: MeshNamespace): string {
  return Object.entries(originals)
    .flatMap(([label, value]) => (value === null ? [] : [`${label}=${value}`]))
    .join(' and ');
}

/** What ends the circle of a move and somebody who undoes it, as one sentence or two. */
export function breakCircle(namespace: MeshNamespace, { from, to }: View['upgrade']): string {
  const { name, labels, git } = namespace;
  const who = git === undefined ? '(CI, GitOps, a person)' : `(${git.tool})`;
  const instead = labels[LABEL_INJECTION] === undefined ? '' : ` in place of ${LABEL_INJECTION}`;
  return `Find who applies namespace ${name} ${who}, and let it set ${LABEL_REVISION}=${to.revision}${instead} or follow a tag, else it undoes the next move, too. If it sets ${to.revision}, let it set ${from.revision} again before a rollback.`;
}

/** Told of each: a warning, as the phase may go on and move it once more. */
export function labelsPutBack(namespace: MeshNamespace, phase: Phase, upgrade: View['upgrade']): Finding {
  const { name } = namespace;
  return {
    id: 'original-labels-stale',
    severity: 'warning',
    object: `Namespace ${name}`,
    message: `somebody has put back its label ${labelsAgain(namespace)} since this Action moved it (its annotation ${ANNOTATION_ORIGINAL_LABELS} is still there)`,
    remedy:
      phase === 'rollback'
        ? `Its labels are right for a rollback. Take the annotation away: kubectl annotate namespace ${name} ${ANNOTATION_ORIGINAL_LABELS}-`
        : `${breakCircle(namespace, upgrade)} Then run ${phase === 'promote' ? 'promote' : 'canary'} again if it was put back once more.`,
  };
}
