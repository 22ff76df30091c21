import { pinnedTo, pinsRevision } from '../istio/pinned-templates.ts';
import type { Check } from './check.ts';

/**
 * Templates that choose the old revision themselves, such as a gateway of Istio's chart with the value `revision`. Canary
 * leaves them where they are and says what promote will ask for; promote begins only when they choose the target, or when
 * it may wait for that (`wait-for-owners`). To change them before the target is there would leave new pods without a proxy.
 */
export const pinnedTemplates: Check = ({ mesh, phase, upgrade, asked: { waitForOwnersMs } }) =>
  pinnedTo(mesh, upgrade, 'from').map((item) =>
    pinsRevision(
      item,
      upgrade.to.revision,
      phase === 'promote'
        ? { severity: waitForOwnersMs > 0 ? 'warning' : 'error' }
        : { severity: 'warning', when: 'Once canary has succeeded, and not before:' },
    ),
  );
