import { movesDefault } from '../istio/movable-default.ts';
import { DEFAULT_VALIDATOR } from '../istio/names.ts';
import type { Check } from './check.ts';

/** The command that makes a revision the default. */
export function makesDefault(revision: string): string {
  return `istioctl tag set default --revision ${revision} --overwrite -y`;
}

/**
 * Exactly one control plane is the default. With none, the next revisioned install would take it at once (T16, H12,
 * observed 25), and with it every namespace that has `istio-injection=enabled`.
 */
export const defaultRevision: Check = ({ mesh, upgrade }) => {
  const { from } = upgrade;
  // No install takes it where no upgrade moves it.
  const moves = movesDefault(upgrade);
  const command = makesDefault(from.revision);
  if (mesh.defaultInjector.length === 0 && moves) {
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
  if (mesh.defaultValidator === undefined && moves) {
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
