import type { Finding } from '../finding.ts';
import type { Before, Served } from './before.ts';
import { type Home, istioctlAt } from './home.ts';
import { type Mesh, type MeshNamespace, type Workload, nameOf } from './mesh.ts';
import { DEFAULT_TAG, LABEL_REVISION } from './names.ts';

type Seen = Pick<Mesh, 'namespaces' | 'workloads' | 'defaultInjector' | 'istioNamespace'>;

/**
 * What a control plane of this mesh injected when this run began, and nobody injects now, although its labels still ask
 * for it: somebody took away the webhook or the tag that they lead to, and what is born meanwhile comes without a sidecar
 * (T14, story 120001:425). Who takes the label away has chosen, and is not told.
 */
export function lostInjection(
  { namespaces, workloads, defaultInjector, istioNamespace }: Seen,
  { served }: Before,
): Finding[] {
  const home: Home = { istioNamespace };
  const lost = namespaces.filter((namespace) => isLost(namespace, served.namespaces.get(namespace.name)));
  const noDefault = served.byDefault && defaultInjector.length === 0;
  // A namespace that follows the default says it as well, and says who is hit.
  const isTold = lost.some(({ choice }) => choice !== 'revision');
  return [
    ...lost.map((namespace) => ofNamespace(home, namespace)),
    ...(noDefault && !isTold ? [ofDefault(home)] : []),
    ...workloads
      .filter((workload) => isOrphan(workload, served))
      .map((workload) => ofTemplate(home, workload)),
  ];
}

function isLost(
  { choice, injectedBy, foreign, terminating }: MeshNamespace,
  chose: MeshNamespace['choice'] | undefined,
): boolean {
  if (chose === undefined || terminating || injectedBy.length + foreign.length > 0) return false;
  return choice !== 'none' || chose === 'none';
}

function isOrphan(workload: Workload, { templates }: Served): boolean {
  const { pinnedRevision, injectedBy, accepted } = workload;
  return (
    pinnedRevision !== undefined && injectedBy.length === 0 && !accepted && templates.has(nameOf(workload))
  );
}

function ofNamespace(home: Home, { name, choice, labels }: MeshNamespace): Finding {
  const tag = choice === 'revision' ? (labels[LABEL_REVISION] ?? '') : DEFAULT_TAG;
  return lostTo(
    home,
    tag,
    `Namespace ${name}`,
    `nobody injects it any more, since this run began: what its labels choose (${tag}) is gone, and new pods come without a sidecar`,
  );
}

function ofTemplate(home: Home, workload: Workload): Finding {
  const tag = workload.pinnedRevision ?? '';
  return lostTo(
    home,
    tag,
    nameOf(workload),
    `nobody injects its pods any more, since this run began: what its template chooses (${tag}) is gone, and new pods come without a sidecar`,
  );
}

function ofDefault(home: Home): Finding {
  return lostTo(
    home,
    DEFAULT_TAG,
    `tag ${DEFAULT_TAG}`,
    'it is gone, since this run began: pods that ask for a sidecar by a label of their own come without one',
  );
}

function lostTo(home: Home, tag: string, object: string, message: string): Finding {
  return {
    id: 'injection-lost',
    severity: 'error',
    object,
    message,
    remedy: `Look at ${istioctlAt(home, 'tag list')}. Put the tag ${tag} back (${istioctlAt(home, 'tag set')}), or the webhook of the revision ${tag}, then run the phase again: it restarts what came without a sidecar.`,
  };
}
