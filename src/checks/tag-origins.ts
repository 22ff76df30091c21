import type { Finding } from '../finding.ts';
import { istioctlAt } from '../istio/home.ts';
import type { Check } from './check.ts';

/**
 * A tag that leads to the canary goes back with a rollback. Where it led before, or that the upgrade made it, only the record
 * says. Without it the tag is led to the old control plane, so that no follower is left without an injector, and that is told.
 */
export const tagOrigins: Check = ({ mesh, record, upgrade }) => {
  return Object.entries(upgrade.tags).flatMap(([tag, back]): Finding[] =>
    Object.hasOwn(record?.tags ?? {}, tag) || back === null
      ? []
      : [
          {
            id: 'tag-origin-unknown',
            severity: 'warning',
            object: `tag ${tag}`,
            message: `no record says where the revision tag ${tag} led before the upgrade, or whether the upgrade made it: rollback leads it to ${back}`,
            remedy: `If nothing had this tag before: \`${istioctlAt(mesh, `tag remove ${tag} -y`)}\`, once no namespace follows it.`,
          },
        ],
  );
};
