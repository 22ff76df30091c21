import type { Finding } from '../finding.ts';
import { nameOfGateway } from './api-gateway.ts';
import { askingPods } from './asking-pods.ts';
import { GATEWAY_INPUTS } from './gateway-configuration.ts';
import { istioctlAt } from './home.ts';
import { type InstalledGateway, gatewaysOf } from './installed-gateway.ts';
import { keptElsewhere, leading } from './kept-tags.ts';
import { lasting, leavingNamespaces } from './lasting.ts';
import { type Mesh, type MeshPod, nameOf } from './mesh.ts';
import { type Pinned, valueOf } from './pinned-templates.ts';
import { relabelling } from './relabelling.ts';
import { istiodName } from './revision.ts';
import { isOnly } from './scope.ts';

/**
 * What still uses a revision, as far as objects tell: namespaces and templates that choose it, tags and the default
 * that point to it, pods that run on it, also those that are just ending. All must be gone before it goes (promise 5). What
 * chooses it and is being deleted makes no pod any more.
 *
 * @param stays the revision that they are to choose instead
 */
export function removalObstacles(mesh: Mesh, revision: string, stays: string): Finding[] {
  const there = lasting(mesh);
  const leaving = leavingNamespaces(mesh);
  const gateways = gatewaysOf(mesh, revision);
  return [
    ...mesh.tags
      .filter((tag) => tag.revision === revision)
      .map(({ tag, webhook }) =>
        inUse(
          `MutatingWebhookConfiguration ${webhook}`,
          `tag ${tag} points to ${revision}: once that is gone, pods of its namespaces are refused`,
          remedyOfTag(mesh, tag, stays),
        ),
      ),
    ...(mesh.defaultValidator === revision
      ? [
          inUse(
            'ValidatingWebhookConfiguration istiod-default-validator',
            `it asks ${revision}: once that is gone, changes to Istio's objects are refused`,
            'Run promote (or rollback) again: it moves the default first.',
          ),
        ]
      : []),
    ...there.namespaces
      .filter(({ injectedBy }) => injectedBy.includes(revision))
      .map((namespace) =>
        inUse(
          `Namespace ${namespace.name}`,
          `its labels choose ${revision}: once that is gone, its pods come without a sidecar`,
          `${relabelling(namespace, stays)}, then run the phase again.`,
        ),
      ),
    ...there.workloads
      .filter(({ injectedBy }) => injectedBy.includes(revision))
      .map((workload) =>
        inUse(
          nameOf(workload),
          `its ${workload.pinnedRevision === undefined ? 'namespace' : 'template'} chooses ${revision}`,
          remedyOfChoice(mesh, workload, stays),
        ),
      ),
    ...there.apiGateways
      .filter(({ claimedBy, label }) => isOnly(claimedBy, revision) || label === revision)
      .map((gateway) =>
        inUse(
          nameOfGateway(gateway),
          `it leads to ${revision}: once that is gone, nobody keeps its Deployment and Service`,
          'Set its label istio.io/rev (or that of its namespace) to a revision that stays.',
        ),
      ),
    ...gateways.map((gateway) => gatewayInUse(gateway, revision)),
    ...there.makers
      .filter(({ injectedBy }) => injectedBy.includes(revision))
      .map((maker) =>
        inUse(
          nameOf(maker),
          `the next pod that it makes would be of ${revision}: once that is gone, it comes without a sidecar, or is refused`,
          remedyOfChoice(mesh, maker, stays),
        ),
      ),
    ...namedByOthers(there, revision),
    ...mesh.pods
      .filter((pod) => pod.revision === revision)
      .map((pod) => podInUse(pod, revision, { stays, gateways, leaves: leaving.has(pod.namespace) })),
    ...askingPods(mesh, revision, stays),
  ];
}

/** A gateway that belongs to a revision goes with its uninstall. */
export function gatewayInUse(gateway: InstalledGateway, revision: string): Finding {
  return inUse(
    nameOf(gateway),
    `a gateway that istioctl has installed for ${revision}: the uninstall would take it along`,
    remedyOfGateway(gateway),
  );
}

/** No restart moves it, nor a new pod. */
function remedyOfGateway({ accepted }: InstalledGateway): string {
  return accepted
    ? `Take it out of allow-stragglers (also a line for all of its namespace), which keeps it where it is, give the ${GATEWAY_INPUTS} that have it, and run the phase again: it moves the gateways first. Or move it by hand.`
    : 'Run promote (or rollback) again: it moves the gateways first.';
}

interface Around {
  readonly stays: string;
  readonly gateways: readonly InstalledGateway[];
  /** Whether its namespace is being deleted. */
  readonly leaves: boolean;
}

function podInUse(pod: MeshPod, revision: string, { stays, gateways, leaves }: Around): Finding {
  const ends = leaves
    ? ', and its namespace is being deleted'
    : pod.terminating
      ? ', and it is just ending'
      : '';
  return inUse(
    `Pod ${pod.namespace}/${pod.name}`,
    `its proxy is of ${revision}${ends}`,
    leaves || pod.terminating ? remedyOfEnding(pod) : remedyOf(pod, stays, gateways),
  );
}

/** No restart moves it, and it goes as soon as nothing holds it. */
function remedyOfEnding({ namespace, name }: MeshPod): string {
  return `It goes by itself. If it does not, see what holds it (kubectl get pod ${name} -n ${namespace} -o yaml: its finalizers, and whether its node still answers), end that, and run the phase again.`;
}

function remedyOfTag(mesh: Mesh, tag: string, stays: string): string {
  const kept = keptElsewhere(mesh, tag, stays);
  return kept === undefined
    ? `${istioctlAt(mesh, `tag set ${tag} --revision … --overwrite`)}, or ${istioctlAt(mesh, `tag remove ${tag}`)}.`
    : `${leading(kept, stays)}, then run the phase again.`;
}

function inUse(object: string, message: string, remedy: string): Finding {
  return { id: 'still-in-use', severity: 'error', object, message, remedy };
}

/**
 * What names a revision's istiod itself, and is not Istio's: no restart and no label changes that, and scaled to zero nothing
 * of it runs.
 */
export function namedByOthers(
  mesh: Pick<Mesh, 'byHand' | 'mutators' | 'owned' | 'tags' | 'istioNamespace'>,
  revision: string,
): Finding[] {
  return [
    ...(mesh.byHand ?? [])
      .filter(({ service }) => service === istiodName(revision))
      .map((template) =>
        inUse(
          nameOf(template),
          `its template has a proxy by hand, which asks ${template.service}: once that is gone, its pods do not get ready`,
          `Inject it anew for a revision that stays (${istioctlAt(mesh, 'kube-inject --revision …')}), or remove it.`,
        ),
      ),
    ...othersWebhooks(mesh, revision).map((configuration) =>
      inUse(
        `MutatingWebhookConfiguration ${configuration}`,
        `it asks ${istiodName(revision)}: once that is gone, what it selects is refused, or comes without a sidecar`,
        'Lead it to the Service of a revision that stays, or delete it.',
      ),
    ),
  ];
}

/** Webhooks that ask a revision's istiod, and go neither with it nor with a tag: somebody made them. */
function othersWebhooks(
  { mutators = [], owned, tags }: Pick<Mesh, 'mutators' | 'owned' | 'tags'>,
  revision: string,
): string[] {
  const known = new Set([
    ...owned.filter((item) => item.kind === 'MutatingWebhookConfiguration').map(({ name }) => name),
    ...tags.map(({ webhook }) => webhook),
  ]);
  return mutators
    .filter(({ configuration, service }) => service === istiodName(revision) && !known.has(configuration))
    .map(({ configuration }) => configuration);
}

/** Who chooses has to choose anew: the template where it has a label of its own, else the namespace. */
function remedyOfChoice(
  { namespaces }: Mesh,
  item: Pinned & Pick<MeshPod, 'namespace'>,
  stays: string,
): string {
  if (item.pinnedRevision !== undefined) return `${valueOf(item, stays)}.`;
  const { namespace: name } = item;
  const its = namespaces.find((namespace) => namespace.name === name);
  return `${relabelling(its ?? { name, labels: {}, git: undefined }, stays)}, then run the phase again.`;
}

function remedyOf(
  { namespace, name, owner, accepted, revision = '', injectedBy }: MeshPod,
  stays: string,
  gateways: readonly InstalledGateway[],
): string {
  if (owner === undefined) return `Nothing owns Pod ${namespace}/${name}: remove it by hand.`;
  const its = `${owner.kind} ${namespace}/${owner.name}`;
  const gateway = gateways.find((item) => nameOf(item) === its);
  if (gateway !== undefined) return remedyOfGateway(gateway);
  if (accepted)
    return `allow-stragglers lets it stay, so no restart moves it. Delete it: ${its} makes it anew.`;
  // Before that its next pod would be of the same revision again.
  return injectedBy.includes(revision) ? `Restart ${its} once it chooses ${stays}.` : `Restart ${its}.`;
}
