import type { Finding } from '../finding.ts';
import type { Before } from './before.ts';
import type { Mesh, MeshNamespace } from './mesh.ts';
import { DEFAULT_TAG, LABEL_REVISION } from './names.ts';

/**
 * Namespaces that a control plane of this mesh injected when this run began, and that nobody injects now, although their
 * labels still ask for it: somebody took away the webhook or the tag that they lead to, and what is born there meanwhile
 * comes without a sidecar (T14, story 120001:425). Who takes the label away has chosen, and is not told.
 */
export function lostInjection({ namespaces }: Pick<Mesh, 'namespaces'>, { served }: Before): Finding[] {
  return namespaces.filter((namespace) => isLost(namespace, served.get(namespace.name))).map(toFinding);
}

function isLost(
  { choice, injectedBy, foreign, terminating }: MeshNamespace,
  chose: MeshNamespace['choice'] | undefined,
): boolean {
  if (chose === undefined || terminating || injectedBy.length + foreign.length > 0) return false;
  return choice !== 'none' || chose === 'none';
}

function toFinding({ name, choice, labels }: MeshNamespace): Finding {
  const tag = choice === 'revision' ? (labels[LABEL_REVISION] ?? '') : DEFAULT_TAG;
  return {
    id: 'injection-lost',
    severity: 'error',
    object: `Namespace ${name}`,
    message: `nobody injects it any more, since this run began: what its labels choose (${tag}) is gone, and new pods come without a sidecar`,
    remedy: `Look at istioctl tag list. Put the tag ${tag} back (istioctl tag set), or the webhook of the revision ${tag}, then run the phase again: it restarts what came without a sidecar.`,
  };
}
