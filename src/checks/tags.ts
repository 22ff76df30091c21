import type { Finding } from '../finding.ts';
import { istioctlAt, setsTagsAt } from '../istio/home.ts';
import { keptElsewhere, leading } from '../istio/kept-tags.ts';
import { planeOfRevision } from '../istio/mesh.ts';
import { danglingTags, followersOf } from '../istio/tags.ts';
import type { Check } from './check.ts';

/** Every revision tag leads to a control plane that is there, and no tag has the name of a revision. */
export const tags: Check = ({ mesh, upgrade }) => [
  ...danglingTags(mesh)
    // One that this phase moves is mended by it.
    .filter(({ tag, revision }) => revision !== upgrade.to.revision && !Object.hasOwn(upgrade.tags, tag))
    .map(({ tag, revision, webhook }): Finding => {
      const kept = keptElsewhere(mesh, tag, upgrade.from.revision);
      return {
        id: 'tag-dangles',
        severity: 'error',
        object: `MutatingWebhookConfiguration ${webhook}`,
        message: `tag ${tag} leads to revision ${revision}, of which there is no control plane: pods in ${followed(mesh, tag)} are refused`,
        remedy:
          kept === undefined
            ? `${setsTagsAt(mesh, upgrade.from.version) ? `${istioctlAt(mesh, `tag set ${tag} --revision ${upgrade.from.revision} --overwrite`)}, or ` : ''}${istioctlAt(mesh, `tag remove ${tag}`)}.`
            : `${leading(kept, upgrade.from.revision)}, or take it away there.`,
      };
    }),
  ...Object.keys(upgrade.tags)
    .filter((tag) => planeOfRevision(mesh, tag) !== undefined || tag === upgrade.to.revision)
    .map((tag): Finding => ({
      id: 'tag-is-a-revision',
      severity: 'error',
      message: `${tag} is the name of a revision, so it can't be a tag`,
      remedy: `Correct the inputs canary-tag and stable-tags: they name tags (${istioctlAt(mesh, 'tag list')}).`,
    })),
];

function followed(mesh: Parameters<typeof followersOf>[0], tag: string): string {
  const names = followersOf(mesh, [tag]).map(({ name }) => name);
  return names.length === 0 ? 'namespaces that name it' : names.join(', ');
}
