import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import type { UpgradeRecord } from '../record/record.ts';
import { differingFields, digest } from './content.ts';
import { firstOf } from './first-of.ts';
import type { Mesh } from './mesh.ts';
import { nameOfObject } from './own-objects.ts';

type Rendered = Pick<RenderedObject, 'kind' | 'namespace' | 'name' | 'content'>;

/** So many fields are named. */
const NAMED = 6;

/**
 * What is rendered, as far as a cluster can be held to it once an installation has ended: somebody else may have a hand in a
 * Deployment (a policy that gives it limits, an injected variable, another manager), and to install it again ends the same.
 */
export function onceInstalled<T extends Rendered>(rendered: readonly T[]): T[] {
  return rendered.map((object) => (isShared(object) ? { ...object, content: undefined } : object));
}

/**
 * What is rendered, as far as it is still to be installed: where the record says that an installation of the very same
 * Deployments has ended, what differs in them is somebody else's.
 */
export function stillDue<T extends Rendered>(
  rendered: readonly T[],
  record: Pick<UpgradeRecord, 'installed'> | undefined,
): readonly T[] {
  return record?.installed === deploymentsOf(rendered) ? onceInstalled(rendered) : rendered;
}

/** Tells installations of different Deployments apart; see {@link UpgradeRecord.installed}. */
export function deploymentsOf(rendered: readonly Rendered[]): string {
  return digest(rendered.filter(isShared).map((object) => [nameOfObject(object), object.content]));
}

/** The Deployments that an installation has written, and that hold something else all the same: fields are named, not values. */
export function changedByOthers(
  { owned, installedGateways }: Pick<Mesh, 'owned' | 'installedGateways'>,
  rendered: readonly Rendered[],
): Finding[] {
  const live = new Map(
    [...owned, ...installedGateways].map((object) => [nameOfObject(object), object.content]),
  );
  return rendered.filter(isShared).flatMap((object): Finding[] => {
    const name = nameOfObject(object);
    const fields = differingFields(object.content, live.get(name));
    if (fields.length === 0) return [];
    return [
      {
        id: 'deployment-changed-by-others',
        severity: 'warning',
        object: name,
        message: `it is not as config and set make it: something else changes it, or has left there, ${firstOf(fields, NAMED, ', and ')}. The installation has ended well, so the phase goes on`,
        remedy: `If a policy or another manager is meant to do so, nothing; config and set with the same values make both agree. Else see who does it (kubectl get deployment ${object.name} -n ${object.namespace ?? ''} -o yaml --show-managed-fields, and the mutating webhooks and policies of the cluster), and have it leave this Deployment alone.`,
      },
    ];
  });
}

function isShared({ kind, content }: Rendered): boolean {
  return kind === 'Deployment' && content !== undefined;
}
