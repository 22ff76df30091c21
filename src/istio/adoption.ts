import type { Mesh, MeshNamespace } from './mesh.ts';
import { ANNOTATION_ADOPTED, LABEL_INJECTION, LABEL_REVISION, UNREVISIONED } from './names.ts';
import { isMoved, labelsBefore } from './scope.ts';

interface Sides {
  readonly from: { readonly revision: string };
  readonly to: { readonly revision: string };
}

/** Where a namespace was taken by `adopt-tags`: the tag that its label names, and the revision that it led to. */
export interface Adoption {
  readonly tag: string;
  readonly revision: string;
}

const FORM = /^(?<tag>[a-z0-9-]{1,63})@(?<revision>[A-Za-z0-9-]{1,63})$/;

/** @returns undefined where the annotation holds anything else */
export function parseAdoption(text: string | undefined): Adoption | undefined {
  const { tag, revision } = FORM.exec(text ?? '')?.groups ?? {};
  return tag === undefined || revision === undefined ? undefined : { tag, revision };
}

/**
 * Namespaces that choose the old revision by its name, and are to follow a tag instead, so that the next upgrade moves the
 * tag and touches none of them (issue 13, `adopt-tags`). Those that follow a tag or the default already are as they should
 * be; a control plane without a revision has no other name than the default's.
 */
export function adoptable(
  { namespaces }: Pick<Mesh, 'namespaces'>,
  { from, to }: Sides,
  tag: string,
): MeshNamespace[] {
  if (from.revision === UNREVISIONED) return [];
  return namespaces.filter((namespace) => {
    const before = labelsBefore(namespace, to.revision);
    return (
      !namespace.terminating &&
      before[LABEL_REVISION] === from.revision &&
      before[LABEL_INJECTION] === undefined &&
      namespace.labels[LABEL_REVISION] !== tag
    );
  });
}

/**
 * The patch that makes a moved namespace follow a tag; undefined for one that was not moved. Its labels of before stay on
 * it, so that a rollback puts them back.
 */
export function adoptPatch(namespace: MeshNamespace, { tag, revision }: Adoption): object | undefined {
  if (!isMoved(namespace, revision) || namespace.terminating) return undefined;
  return {
    metadata: {
      labels: { [LABEL_REVISION]: tag },
      annotations: { [ANNOTATION_ADOPTED]: `${tag}@${revision}` },
    },
  };
}
