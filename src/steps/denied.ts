import type { Permission } from '../cluster/cluster.ts';
import { permissionMissing } from './permissions.ts';
import { Inconclusive } from './step.ts';
import type { Finding } from '../finding.ts';
import type { Unreadable } from '../istioctl/reading.ts';

/** Rights that were there when the phase began, by its access reviews, and that istioctl was refused on the way. */
export function deniedOnTheWay(denied: readonly Permission[]): Finding[] {
  return denied.map((permission) =>
    permissionMissing(
      permission,
      'Grant it (docs/permissions.md has the role of each phase), then run the phase again: it goes on where it stopped.',
    ),
  );
}

/**
 * Ends a step at once where istioctl may not ask: no waiting grants a right.
 *
 * @throws Inconclusive naming verb and resource of each that is missing
 */
export function insistOnRights(answer: { readonly readable: true } | Unreadable): void {
  if (answer.readable || answer.denied === undefined || answer.denied.length === 0) return;
  throw new Inconclusive(deniedOnTheWay(answer.denied));
}
