import { type Home, istioctlAt } from '../istio/home.ts';
import { movesDefault } from '../istio/movable-default.ts';
import type { Mesh } from '../istio/mesh.ts';
import { DEFAULT_VALIDATOR } from '../istio/names.ts';
import type { Sides } from '../istio/side.ts';
import type { Check } from './check.ts';

/** The command that makes a revision of a mesh the default. */
export function makesDefault(home: Home, revision: string): string {
  return istioctlAt(home, `tag set default --revision ${revision} --overwrite -y`);
}

/** Whether the default that namespaces may follow leads nowhere, and a command puts that right. */
export function missesDefault({ defaultInjector }: Pick<Mesh, 'defaultInjector'>, sides: Sides): boolean {
  // No install takes it where no upgrade moves it.
  return defaultInjector.length === 0 && movesDefault(sides);
}

/**
 * Exactly one control plane is the default. With none, the next revisioned install would take it at once (T16, H12,
 * observed 25), and with it every namespace that has `istio-injection=enabled`.
 */
export const defaultRevision: Check = ({ mesh, upgrade }) => {
  const { from } = upgrade;
  const command = makesDefault(mesh, from.revision);
  if (missesDefault(mesh, upgrade)) {
    return [
      {
        id: 'default-webhook-missing',
        severity: 'error',
        message:
          'no webhook injects namespaces with istio-injection=enabled, so installing a revision would make it the default at once',
        remedy: `Make the current one the default first: ${command}`,
      },
    ];
  }
  if (mesh.defaultInjector.length > 1) {
    return [
      {
        id: 'injectors-overlap',
        severity: 'error',
        message: `namespaces with istio-injection=enabled are injected by ${mesh.defaultInjector.join(' and ')}`,
        remedy: `Leave one of them: ${command}`,
      },
    ];
  }
  if (mesh.defaultValidator === undefined && movesDefault(upgrade)) {
    return [
      {
        id: 'default-validator-missing',
        severity: 'error',
        message: `there is no ${DEFAULT_VALIDATOR}: Istio's objects without a revision are not validated`,
        remedy: `Make it: ${command}`,
      },
    ];
  }
  return [];
};
