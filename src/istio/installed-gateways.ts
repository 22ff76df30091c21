import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { type Mesh, type Workload, nameOf } from './mesh.ts';

const COMPONENTS: readonly (string | undefined)[] = ['IngressGateways', 'EgressGateways'];

/** Gateways that istioctl has installed: they are replaced with the control plane. */
export function installedGateways({ workloads }: Pick<Mesh, 'workloads'>): Workload[] {
  return workloads.filter(({ gateway }) => gateway === 'installed');
}

/** What is rendered, without the parts of gateways that are there. The rest is judged as a control plane's own. */
export function withoutGateways(objects: readonly RenderedObject[], mesh: Mesh): RenderedObject[] {
  const there = installedGateways(mesh).map(({ name }) => name);
  return objects.filter(
    ({ component, name }) =>
      !COMPONENTS.includes(component) ||
      !there.some((gateway) => name === gateway || name.startsWith(`${gateway}-`)),
  );
}

/** Gateways that are there and that the configuration does not make: they would stay at the old release. */
export function gatewaysLeftOut(objects: readonly RenderedObject[], mesh: Mesh): Finding[] {
  const made = new Set(
    objects
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ name, namespace }) => `${namespace ?? ''}/${name}`),
  );
  return installedGateways(mesh)
    .filter(({ namespace, name, accepted }) => !accepted && !made.has(`${namespace}/${name}`))
    .map((gateway) => ({
      id: 'gateway-left-out',
      severity: 'error',
      object: nameOf(gateway),
      message:
        'a gateway that istioctl has installed, and config and set do not make it: it would stay at the old release',
      remedy: 'Give the files and set lines that the mesh was installed with (inputs config and set).',
    }));
}
