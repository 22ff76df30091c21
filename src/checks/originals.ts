import { labelsPutBack, putBack } from '../decide/put-back.ts';
import type { Finding } from '../finding.ts';
import { ANNOTATION_ORIGINAL_LABELS } from '../istio/names.ts';
import { originalsUnreadable } from '../istio/originals.ts';
import { relabelling } from '../istio/relabelling.ts';
import { isMoved, movedNamespaces, returningNamespaces } from '../istio/scope.ts';
import { capped } from './capped.ts';
import type { Check } from './check.ts';

/**
 * Annotations that say what a namespace was before, and are not to be believed or lead nowhere. They are told by name,
 * left as they are, and stop nobody else (M11, M37).
 */
export const originals: Check = (view) => {
  const { mesh, phase, upgrade } = view;
  const { from, to } = upgrade;
  const again = putBack(view);
  const unreadable = mesh.namespaces.flatMap(({ name, unreadableOriginals: text }) =>
    text === undefined ? [] : [originalsUnreadable(name, text)],
  );
  const stale = mesh.namespaces
    .filter((namespace) => namespace.originals !== undefined && !isMoved(namespace, to.revision))
    .filter((namespace) => !again.includes(namespace))
    .map(({ name }): Finding => ({
      id: 'original-labels-stale',
      severity: 'warning',
      object: `Namespace ${name}`,
      message: `its annotation ${ANNOTATION_ORIGINAL_LABELS} is not of this upgrade: its labels are not as a move to ${to.revision} leaves them. It is not used`,
      remedy: `If its labels are right, take the annotation away: kubectl annotate namespace ${name} ${ANNOTATION_ORIGINAL_LABELS}-`,
    }));
  const returning = new Set(returningNamespaces(mesh, to.revision, from.revision).map(({ name }) => name));
  const lost = movedNamespaces(mesh, to.revision)
    .filter(({ name }) => phase === 'rollback' && !returning.has(name))
    .map((namespace): Finding => ({
      id: 'original-labels-lead-elsewhere',
      severity: 'warning',
      object: `Namespace ${namespace.name}`,
      message: `its labels as they were before do not lead to ${from.revision}, so they are not put back`,
      remedy: `${relabelling(namespace, from.revision)}, take the annotation ${ANNOTATION_ORIGINAL_LABELS} away, and run rollback again.`,
    }));
  const undone = again.map((namespace) => labelsPutBack(namespace, phase, upgrade));
  return [unreadable, undone, stale, lost].flatMap((findings) => capped(findings));
};
