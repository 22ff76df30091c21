import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { isGatewayComponent } from './gateway.ts';
import { UNREVISIONED } from './names.ts';
import { beyondRevision, nameOfObject } from './own-objects.ts';

/** Whose the objects should be. */
export interface Owner {
  readonly revision: string;
  readonly istioNamespace: string;
}

/** What the base has that all revisions share: it is left there by an uninstall, and no revision changes it. */
const SHARED_BASE = ['ServiceAccount istio-reader-service-account'];
/** Until 1.10 the base has istiod's account, roles and validator, one for all control planes. */
const OLD_BASE_KINDS = [
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ClusterRole',
  'ClusterRoleBinding',
  'ValidatingWebhookConfiguration',
];
const SHARED_COMPONENTS = ['IngressGateways', 'EgressGateways', 'Cni', 'Ztunnel'];
const WORKLOADS = ['Deployment', 'DaemonSet', 'StatefulSet'];
/** Components of which a control plane consists; no label at all is what the charts give to accounts and roles. */
const OWN_COMPONENTS = ['Base', 'Pilot', undefined];

/**
 * What of it would touch gateways, CNI or ztunnel. The label of the component is not enough: the charts leave it off
 * ztunnel, and the installer adds it (seen with `--set profile=ambient`), so every workload but istiod counts, too.
 */
export function sharedComponents(rendered: readonly RenderedObject[]): RenderedObject[] {
  return rendered.filter(
    ({ component = '', kind, name }) =>
      SHARED_COMPONENTS.includes(component) || (WORKLOADS.includes(kind) && !/^istiod(-|$)/.test(name)),
  );
}

/**
 * What removing the revision would leave, or what others use. A label alone is no proof: the default validator has the
 * revision's (seen with `values.defaultRevision`), so that the name must carry the revision as well.
 */
export function notOwn(
  objects: readonly RenderedObject[],
  { revision, istioNamespace }: Owner,
): RenderedObject[] {
  const shared = new Set(sharedComponents(objects));
  const namespaces = new Set([istioNamespace, ...objects.flatMap(({ namespace }) => namespace ?? [])]);
  const unknown = [...namespaces].reduce<readonly RenderedObject[]>(
    (left, namespace) => beyondRevision(left, { revision, namespace }),
    objects,
  );
  const carries = ({ name, revision: label }: RenderedObject): boolean =>
    revision !== UNREVISIONED &&
    label === revision &&
    [name, ...[...namespaces].map((namespace) => name.replace(new RegExp(`-${namespace}$`), ''))].some(
      (bare) => bare.endsWith(`-${revision}`),
    );
  return objects.filter(
    (object) =>
      shared.has(object) ||
      object.tag !== undefined ||
      !OWN_COMPONENTS.includes(object.component) ||
      (unknown.includes(object) &&
        !SHARED_BASE.includes(`${object.kind} ${object.name}`) &&
        !isOldBase(object, istioNamespace) &&
        !carries(object)),
  );
}

function isOldBase({ kind, name, component }: RenderedObject, istioNamespace: string): boolean {
  return (
    component !== 'Pilot' &&
    OLD_BASE_KINDS.includes(kind) &&
    ['istiod-service-account', `istiod-${istioNamespace}`, `istio-reader-${istioNamespace}`].includes(name)
  );
}

/**
 * Why an object that is not the revision's own must not be installed with it. In place there is one control plane, and what
 * a newer release has more is a part of it, not somebody else's.
 */
export function notOwnFinding(object: RenderedObject, { revision }: Owner): Finding {
  const about = nameOfObject(object);
  if (sharedComponents([object]).length > 0)
    return {
      id: 'configuration-renders-shared',
      severity: 'error',
      object: about,
      message:
        revision === UNREVISIONED
          ? 'the configuration would install it, and it is not there: an upgrade in place brings none'
          : 'the configuration would install it, and all revisions share the only one there is',
      remedy: (revision === UNREVISIONED ? remedyInPlace : remedyOfShared)(object),
    };
  if (revision === UNREVISIONED && object.tag === undefined && OWN_COMPONENTS.includes(object.component))
    return {
      id: 'configuration-renders-unknown',
      severity: 'warning',
      object: about,
      message:
        'a part of the control plane that this Action does not know: it is installed with the rest, and going back to a release that does not have it leaves it there',
      remedy: 'Nothing, if you know what it is. See whether this Action has a newer release that knows it.',
    };
  return {
    id: 'configuration-renders-foreign',
    severity: 'error',
    object: about,
    message:
      object.tag === undefined
        ? `the configuration would install it, though it is not revision ${revision}'s own: removing that revision would leave it`
        : `the configuration would install the tag ${object.tag}, so that namespaces would move to ${revision} at once`,
    remedy:
      object.tag === undefined
        ? 'Take out of config and set what makes it (values.defaultRevision, a component that is switched on), and install it by itself.'
        : 'Take values.revisionTags out of config and set: promote moves the tags.',
  };
}

function remedyOfShared({ component }: RenderedObject): string {
  if (isGatewayComponent(component))
    return 'With gateways: with-install only gateways go along that istioctl has installed here before. Take this one out of config and set (set: profile=minimal has none), and install it by itself.';
  if (component === 'Cni')
    return 'Give cni: with-install, where istioctl has installed Istio CNI here before: then it is upgraded along. Else disable it (components.cni.enabled: false); the new injector then gives pods istio-init.';
  return 'Disable it in the IstioOperator file (components.ztunnel.enabled: false); ztunnel is not part of a canary.';
}

function remedyInPlace({ component }: RenderedObject): string {
  if (isGatewayComponent(component))
    return 'Where it is to be there, install it first with the istioctl of the release that runs. Else take it out of config and set (set: profile=minimal has none).';
  if (component === 'Cni')
    return 'Disable it (components.cni.enabled: false), and install Istio CNI by itself.';
  return 'Disable it in the IstioOperator file (components.ztunnel.enabled: false).';
}
