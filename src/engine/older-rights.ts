import type { Permission } from '../cluster/cluster.ts';
import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import { isInPlace } from '../istio/side.ts';
import { permissionsOfOlder } from '../phases/older-permissions.ts';
import type { ChangingPhase } from '../phases/phase.ts';
import { describePermission, missingPermissions, permissionsMissing } from '../steps/permissions.ts';
import { Refused } from '../steps/step.ts';
import type { Session } from './session.ts';

/**
 * Releases before 1.24 write objects that later ones do not, which the roles of a mesh of today need not grant (promise 11).
 *
 * @throws Refused
 */
export async function insistOnOlderRights(
  session: Session,
  view: View,
  { id }: Pick<ChangingPhase, 'id'>,
): Promise<void> {
  if (id !== 'canary' && !isInPlace(view.upgrade)) return;
  const missing = await missingOfOlder(session, view);
  if (missing.length > 0) throw new Refused([permissionsMissing(missing, 'older')]);
}

/** What precheck says of it to a credential that may do more than look. */
export async function foreseeOlderRights(session: Session, view: View): Promise<Finding[]> {
  const missing = await missingOfOlder(session, view);
  if (missing.length === 0) return [];
  return [
    {
      id: 'phase-permission-missing',
      severity: 'info',
      message: `with this credential canary would be refused: it may not ${missing.map(describePermission).join(', ')}, as istioctl before 1.24 does`,
      remedy:
        'If canary has a credential of its own, run precheck with that one. Else grant roles/older.yaml, too.',
    },
  ];
}

function missingOfOlder({ reader, inputs }: Session, { upgrade }: View): Promise<Permission[]> {
  return missingPermissions(reader, permissionsOfOlder(upgrade, inputs.istioNamespace));
}
