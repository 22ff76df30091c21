import type { Finding } from '../finding.ts';
import type { Inputs } from '../inputs.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import type { Change } from './change.ts';
import { isGatewayComponent } from './gateway.ts';
import type { InstalledGateway } from './installed-gateway.ts';
import { type Mesh, nameOf } from './mesh.ts';
import { sharedName } from './network-policy.ts';
import { nameOfObject } from './own-objects.ts';
import { imageVersion } from './proxy.ts';
import type { SharedComponent } from './shared-component.ts';
import { sameRelease } from './version.ts';

/** What of a mesh all revisions share, and istioctl has installed. */
type Seen = Pick<Mesh, 'installedGateways' | 'shared'>;
type Asked = Pick<Inputs, 'gateways' | 'cni'>;
type Rendered = Pick<
  RenderedObject,
  'kind' | 'namespace' | 'name' | 'revision' | 'component' | 'content' | 'images'
>;

/** What an installation of the target upgrades where it is, beside its own control plane. */
export interface Along {
  readonly gateways: readonly InstalledGateway[];
  readonly cni: readonly SharedComponent[];
}

/**
 * The objects of what is rendered that may go along, since they were asked for (inputs `gateways` and `cni`) and are those
 * of gateways and of a node agent that are there as istioctl's. Anything else of that kind would be a new one, or would
 * take over what Helm owns.
 */
export function goingAlong<T extends Rendered>(
  rendered: readonly T[],
  mesh: Seen,
  { gateways, cni }: Asked,
): Set<T> {
  const { gateways: known, cni: agents } = alongOf(rendered, mesh);
  return new Set(
    rendered.filter((object) =>
      isGatewayComponent(object.component)
        ? gateways === 'with-install' && known.some((gateway) => isPartOf(object, gateway))
        : object.component === 'Cni' && cni === 'with-install' && agents.length > 0,
    ),
  );
}

/** What a gateway's account and its role add to its name, in Istio's charts. */
const SUFFIXES = ['', '-service-account', '-sds'];

/** By its whole name: `istio-ingressgateway-internal` is another gateway than `istio-ingressgateway`, and may be a new one. */
export function isPartOf(
  object: Pick<Rendered, 'kind' | 'namespace' | 'name' | 'revision'>,
  gateway: Pick<InstalledGateway, 'namespace' | 'name'>,
): boolean {
  const name = sharedName(object);
  return (
    object.namespace === gateway.namespace && SUFFIXES.some((suffix) => name === `${gateway.name}${suffix}`)
  );
}

/** What of the mesh an installation of what is rendered upgrades. */
export function alongOf(rendered: readonly Rendered[], { installedGateways, shared }: Seen): Along {
  const names = new Set(rendered.map(nameOfObject));
  return {
    gateways: installedGateways.filter((gateway) => names.has(nameOf(gateway))),
    cni: agentsOfIstioctl(shared).filter(({ object }) => names.has(object)),
  };
}

/** The mesh without what goes along: what is left must not change. */
export function besides<T extends Seen>(mesh: T, rendered: readonly Rendered[]): T {
  const { gateways, cni } = alongOf(rendered, mesh);
  return {
    ...mesh,
    installedGateways: mesh.installedGateways.filter((item) => !gateways.includes(item)),
    shared: mesh.shared.filter((item) => !cni.includes(item)),
  };
}

/** What of it is not yet as the target's installation leaves it. */
export function alongChanges(
  rendered: readonly Rendered[],
  mesh: Seen,
  { revision, version }: { readonly revision: string; readonly version: string },
): Change[] {
  const { gateways, cni } = alongOf(rendered, mesh);
  const contents = new Map(rendered.map((object) => [nameOfObject(object), object.content]));
  return [
    ...gateways
      .filter(
        (gateway) =>
          gateway.revision !== revision ||
          (gateway.serviceRevision ?? revision) !== revision ||
          (contents.get(nameOf(gateway)) ?? gateway.content) !== gateway.content,
      )
      .map((gateway) => moved(nameOf(gateway), gateway.revision, revision)),
    ...cni
      .filter(
        (agent) =>
          agent.goesWith !== revision ||
          (agent.version !== undefined && !sameRelease(agent.version, version)),
      )
      .map(({ object, version: is }) => moved(object, is ?? 'unknown', version)),
  ];
}

function moved(object: string, from: string | undefined, to: string): Change {
  return { verb: 'move', object, from: from ?? null, to };
}

/**
 * What was asked to go along and can't.
 *
 * @param version the target's; a gateway's own image is looked at by the check of gateways
 * @param troubled workloads, as `Kind namespace/name`, that were not healthy before
 */
export function judgeAlong(
  rendered: readonly Rendered[],
  mesh: Seen,
  { asked, version, troubled }: { asked: Asked; version: string; troubled: ReadonlySet<string> },
): Finding[] {
  const along = alongOf(rendered, mesh);
  return [
    ...(asked.gateways === 'with-install' ? along.gateways : []).flatMap((gateway) => [
      ...(gateway.accepted ? [heldBack(gateway)] : []),
      ...(troubled.has(nameOf(gateway)) ? [notHealthy(gateway)] : []),
    ]),
    ...(asked.cni === 'with-install'
      ? mesh.shared
          .filter(({ kind }) => kind === 'cni')
          .flatMap((agent) =>
            along.cni.includes(agent) ? otherVersion(agent, rendered, version) : leftOut(agent),
          )
      : []),
  ];
}

/**
 * Node agents that an installation of the target would delete: `istioctl install` prunes what it has installed itself for
 * that revision and does not render now (seen of gateways with 1.30.3; H54).
 */
export function agentsPrunedWith(mesh: Seen, revision: string, rendered: readonly Rendered[]): Finding[] {
  const { cni } = alongOf(rendered, mesh);
  return agentsOfIstioctl(mesh.shared)
    .filter((agent) => agent.goesWith === revision && !cni.includes(agent))
    .map((agent) => pruned(agent, revision));
}

/** Node agents that istioctl has installed: it labels them with the revision that its installation was of. */
function agentsOfIstioctl(shared: Seen['shared']): SharedComponent[] {
  return shared.filter(({ kind, goesWith }) => kind === 'cni' && goesWith !== undefined);
}

function heldBack(gateway: InstalledGateway): Finding {
  return {
    id: 'gateway-not-held-back',
    severity: 'error',
    object: nameOf(gateway),
    message:
      'allow-stragglers lets it stay where it is, and with gateways: with-install the installation of the canary would upgrade it',
    remedy:
      'Take it out of allow-stragglers, or out of config and set. Or give gateways: with-promote, which moves it by itself or leaves it.',
  };
}

function notHealthy(gateway: InstalledGateway): Finding {
  return {
    id: 'gateway-not-healthy',
    severity: 'error',
    object: nameOf(gateway),
    message: 'it is not healthy, and istioctl install waits for every gateway that it upgrades',
    remedy:
      'Mend it first, or give gateways: with-promote, which waits for no gateway that was broken before.',
  };
}

function otherVersion(
  { object }: SharedComponent,
  rendered: readonly Rendered[],
  version: string,
): Finding[] {
  const images = rendered.filter((item) => nameOfObject(item) === object).flatMap((item) => item.images);
  const [image] = images.filter((name) => {
    const release = imageVersion(name);
    return release !== undefined && !sameRelease(release, version);
  });
  return image === undefined
    ? []
    : [
        {
          id: 'configuration-other-version',
          severity: 'error',
          object,
          message: `the configuration would install the image ${image}, but the version to install is ${version}`,
          remedy: `Take the tag of Istio CNI (values.cni.tag, values.global.tag, tag) out of config and set, or set it to ${version}.`,
        },
      ];
}

function leftOut({ object, goesWith }: SharedComponent): Finding {
  return {
    id: 'cni-not-with-install',
    severity: 'error',
    object,
    message:
      goesWith === undefined
        ? 'cni: with-install was given, and istioctl has not installed this Istio CNI (Helm has, or somebody by hand)'
        : 'cni: with-install was given, and config and set render no Istio CNI of that name and namespace',
    remedy:
      goesWith === undefined
        ? 'Upgrade it by what it was installed with (helm upgrade istio-cni), and leave the input cni out.'
        : 'Give the config and set with which it was installed (components.cni.enabled: true, and its namespace), or leave the input cni out.',
  };
}

function pruned({ object }: SharedComponent, revision: string): Finding {
  return {
    id: 'cni-would-be-pruned',
    severity: 'error',
    object,
    message: `it is of ${revision} by now, and installing ${revision} anew without it would delete it: new pods would not start on any node`,
    remedy: 'Give cni: with-install, and the config and set that have it. Or run rollback first.',
  };
}
