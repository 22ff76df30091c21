import type { Namespace } from '../cluster/objects.ts';
import { gitOwnerOf } from './git-owner.ts';
import { type Injector, injectedBy, matches } from './injection.ts';
import { parseAdoption } from './adoption.ts';
import type { MeshNamespace } from './mesh.ts';
import {
  ANNOTATION_ADOPTED,
  ANNOTATION_ORIGINAL_LABELS,
  LABEL_INJECTION,
  LABEL_REVISION,
  type Labels,
} from './names.ts';
import { parseOriginals } from './originals.ts';

/**
 * @param injectors of this mesh
 * @param foreign of others
 */
export function namespaceOf(
  { metadata, status }: Namespace,
  injectors: readonly Injector[],
  foreign: readonly Injector[],
): MeshNamespace {
  const labels = metadata.labels ?? {};
  const annotation = metadata.annotations?.[ANNOTATION_ORIGINAL_LABELS];
  const originals = annotation === undefined ? undefined : parseOriginals(annotation);
  const adopted = parseAdoption(metadata.annotations?.[ANNOTATION_ADOPTED]);
  const others = foreign.filter(({ namespaceSelector }) => matches(namespaceSelector, labels));
  return {
    name: metadata.name,
    labels,
    choice: choiceOf(labels),
    injectedBy: injectedBy(injectors, labels),
    foreign: injectedBy(foreign, labels).flatMap((revision) =>
      [
        ...new Set(others.filter((item) => item.revision === revision).map((item) => item.istioNamespace)),
      ].map((place) => `${revision} in ${place ?? 'another cluster'}`),
    ),
    originals,
    unreadableOriginals: originals === undefined ? annotation : undefined,
    ...(adopted === undefined ? {} : { adopted }),
    git: gitOwnerOf(metadata),
    terminating: metadata.deletionTimestamp !== undefined || status?.phase === 'Terminating',
    ...(metadata.creationTimestamp === undefined ? {} : { createdAt: metadata.creationTimestamp }),
  };
}

/** Of labels, by Istio's webhooks: `istio-injection` with any value beats `istio.io/rev`, and only `enabled` injects. */
export function choiceOf(labels: Labels): MeshNamespace['choice'] {
  const injection = labels[LABEL_INJECTION];
  const revision = labels[LABEL_REVISION] !== undefined;
  if (injection === undefined) return revision ? 'revision' : 'none';
  if (injection !== 'enabled') return 'none';
  return revision ? 'both' : 'injection';
}
