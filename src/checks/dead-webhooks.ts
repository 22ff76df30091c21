import type { Finding } from '../finding.ts';
import type { DeadWebhook } from '../istio/dead-webhook.ts';
import { type Mesh, userTags } from '../istio/mesh.ts';
import { anothersDefault } from '../istio/movable-default.ts';
import { DEFAULT_TAG, DEFAULT_VALIDATOR } from '../istio/names.ts';
import { placeOf } from '../istio/other-meshes.ts';
import { istiodName } from '../istio/revision.ts';
import type { Check } from './check.ts';
import { makesDefault } from './default-revision.ts';

/**
 * Webhooks that ask an istiod's Service which is not there, as an uninstall by somebody else leaves them (H03, H10). Where it
 * is a Service of the upgrade's own revisions, a broken install or removal is behind it, which other checks name and the
 * phases mend; and a tag's is told as a tag.
 */
export const deadWebhooks: Check = ({ mesh, upgrade: { from, to } }) => {
  const tags = new Set(userTags(mesh).map(({ webhook }) => webhook));
  const own = [from, to].map(({ revision }) => istiodName(revision));
  return (mesh.deadWebhooks ?? [])
    .filter(({ name, service }) => !own.includes(service) && !tags.has(name))
    .map((webhook): Finding => ({
      id: 'webhook-asks-nobody',
      severity: 'warning',
      object: `${webhook.kind} ${webhook.name}`,
      message: `it asks Service ${webhook.service} in ${mesh.istioNamespace}, which is not there: ${effectOf(webhook)}`,
      remedy: isDefault(mesh, webhook)
        ? leadsDefault(mesh, from.revision)
        : `When nothing else brings that Service back: kubectl delete ${webhook.kind.toLowerCase()} ${webhook.name}`,
    }));
};

function effectOf({ kind, refuses }: DeadWebhook): string {
  if (kind === 'MutatingWebhookConfiguration')
    return refuses ? 'pods that it selects are refused' : 'pods that it selects get no sidecar';
  return refuses
    ? "changes of Istio's objects that it selects are refused"
    : "Istio's objects that it selects are not validated";
}

/** Deleting it would leave the mesh without a default. */
function isDefault({ tags }: Pick<Mesh, 'tags'>, { name }: DeadWebhook): boolean {
  return (
    name === DEFAULT_VALIDATOR || tags.some(({ tag, webhook }) => tag === DEFAULT_TAG && webhook === name)
  );
}

function leadsDefault(mesh: Mesh, revision: string): string {
  const theirs = anothersDefault(mesh);
  return theirs === undefined
    ? `Lead it to the current control plane: ${makesDefault(mesh, revision)}`
    : `The default is that of the mesh in ${placeOf(theirs)}: lead it there by that mesh's own istioctl.`;
}
