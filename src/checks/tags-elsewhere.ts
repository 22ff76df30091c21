import type { Finding } from '../finding.ts';
import { firstOf } from '../istio/first-of.ts';
import { istioctlAt, setsTagsAt } from '../istio/home.ts';
import { DEFAULT_NAMESPACE } from '../istio/revision.ts';
import { followersOf, tagChanges, tagsLeadingTo } from '../istio/tags.ts';
import type { Check, CheckView } from './check.ts';

/** So many namespaces are named. */
const NAMED = 5;

/**
 * No tag is set that would have all its followers refused: until 1.11 `tag set` renders it for istio-system, whatever namespace
 * it is given (Istio's istioctl/cmd/tag.go, `tagWebhookYAML`). Weighed is the way back, too: a tag that goes up is to come down.
 */
export const tagsElsewhere: Check = (view) => {
  const { mesh, phase, upgrade } = view;
  const { from, to } = upgrade;
  const setting = phase === 'rollback' ? [from] : [from, to];
  const [unfit] = setting.filter(({ version }) => !setsTagsAt(mesh, version));
  if (unfit === undefined) return [];
  const now = Object.entries(upgrade.tags).filter(
    ([tag, revision]) => revision !== null && tagChanges(mesh, { [tag]: revision }).length > 0,
  );
  // Promote will move these.
  const later =
    phase === 'precheck' || phase === 'canary'
      ? tagsLeadingTo(mesh, from.revision).filter((tag) => !Object.hasOwn(upgrade.tags, tag))
      : [];
  return [
    ...now.map(([tag]) => asking(view, tag, { version: unfit.version, severity: 'error' })),
    ...later.map((tag) => asking(view, tag, { version: unfit.version, severity: 'warning' })),
  ];
};

function asking(
  { mesh, phase, upgrade: { from } }: CheckView,
  tag: string,
  { version, severity }: Pick<Finding, 'severity'> & { readonly version: string },
): Finding {
  const followers = followersOf(mesh, [tag]).map(({ name }) => name);
  const named = firstOf(followers, NAMED, ', ');
  const [first = 'NAMESPACE'] = followers;
  const isThere = mesh.tags.some((item) => item.tag === tag);
  const steps = [
    ...(isThere
      ? [
          `let what follows it name the revision (such as: kubectl label namespace ${first} istio.io/rev=${from.revision} --overwrite)`,
          `take it away (${istioctlAt(mesh, `tag remove ${tag} -y`)})`,
        ]
      : []),
    ...(phase === 'rollback' ? [] : ['leave it out of canary-tag and stable-tags']),
    ...(severity === 'error' ? [`run ${phase} again`] : []),
  ];
  return {
    id: 'tag-would-ask-nobody',
    severity,
    object: `tag ${tag}`,
    message: `istioctl ${version} (as all until 1.11) sets a tag to ask an istiod in ${DEFAULT_NAMESPACE}, and this mesh is in ${mesh.istioNamespace}: new pods in ${named || 'namespaces that name it'} would be refused`,
    remedy: `${severity === 'error' ? 'Do' : 'Before promote: do'} without this tag: ${steps.join(', then ')}.`,
  };
}
