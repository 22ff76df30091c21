import { type Mesh, type MeshNamespace, userTags } from './mesh.ts';
import { LABEL_INJECTION, LABEL_REVISION } from './names.ts';
import { namesOf } from './tags.ts';

/** How a namespace chooses who injects its pods, and who that truly is, in a few words: what people ask in a precheck. */
export function choiceInWords(
  mesh: Pick<Mesh, 'tags'>,
  { choice, labels, injectedBy, foreign }: MeshNamespace,
): string {
  const who = [...injectedBy, ...foreign].join(' and ') || 'nobody';
  const revision = labels[LABEL_REVISION] ?? '';
  switch (choice) {
    case 'injection':
      return `${LABEL_INJECTION}=enabled → ${who}`;
    case 'both':
      return `${LABEL_INJECTION}=enabled, which wins over ${LABEL_REVISION}=${revision} → ${who}`;
    case 'revision':
      return `${LABEL_REVISION}=${revision}${namesOf(userTags(mesh)).includes(revision) ? ' (tag)' : ''} → ${who}`;
    case 'none':
      return injectedBy.length > 0 ? `no label, by default → ${who}` : 'pods choose by themselves';
  }
}
