import type { Finding } from '../finding.ts';
import { UNREVISIONED } from '../istio/names.ts';
import type { SharedComponent } from '../istio/shared-component.ts';
import { parseVersion, tryParseVersion } from '../istio/version.ts';
import type { Check } from './check.ts';

/** A CNI node agent serves control planes of its own minor release and of this many after it (istio.io, ambient upgrade). */
const NEWER_BY = 1;

/**
 * The CNI node agent has no revision: one serves both control planes. It is left alone, or goes along with the canary's
 * installation (`cni: with-install`), and must suit the target (H56); and it must not be one that goes with the old control
 * plane (H54).
 */
export const cni: Check = ({ mesh, phase, upgrade: { from, to }, removal: { removeOld }, asked }) =>
  mesh.shared
    .filter(({ kind }) => kind === 'cni')
    .flatMap((agent): Finding[] => [
      suits(agent, to.version, asked.cni === 'with-install' && phase !== 'promote'),
      ...(phase !== 'promote' && asked.cni === 'leave' && agent.goesWith === from.revision
        ? [notInCanary(agent)]
        : []),
      ...(removeOld && agent.goesWith === from.revision ? [goesAlong(agent.object, from.revision)] : []),
    ]);

/**
 * Back there is no choice of version: it is told, and stops nothing. What went along with the canary's installation is
 * brought back with it.
 */
export const cniOnTheWayBack: Check = ({ mesh, upgrade: { from, to } }) =>
  tryParseVersion(from.version) === undefined
    ? []
    : mesh.shared
        .filter(({ kind, goesWith }) => kind === 'cni' && goesWith !== to.revision)
        .map((agent) => suits(agent, from.version, false))
        .filter(({ id }) => id === 'cni-skew')
        .map((finding) => ({
          ...finding,
          severity: 'warning',
          remedy: `Bring Istio CNI to a release that goes with ${from.version}, by whom it was installed with.`,
        }));

function suits({ object, version }: SharedComponent, target: string, along: boolean): Finding {
  const [is, wanted] = [tryParseVersion(version ?? ''), parseVersion(target)];
  const becomes = along
    ? `the canary's installation upgrades it to ${target}, and from then on it serves both control planes`
    : 'it is left as it is, and serves both control planes';
  if (is === undefined) {
    return {
      id: 'cni-version-untold',
      severity: 'warning',
      object,
      message: `Istio CNI, whose image does not tell its version. ${becomes[0]?.toUpperCase() ?? ''}${becomes.slice(1)}`,
      remedy: `Make sure that it is of the minor release of ${target}, or of the one before.`,
    };
  }
  const newer = (wanted.major - is.major) * 1_000 + wanted.minor - is.minor;
  if (newer >= 0 && newer <= NEWER_BY) {
    return along
      ? {
          id: 'cni-goes-along',
          severity: 'warning',
          object,
          message: `Istio CNI ${is.text}: ${becomes}. Istio supports it with control planes of its own minor release and of the next, not of the one before`,
          remedy:
            'Look at new pods of namespaces that are not moved yet, and do not leave the old control plane for long. Rollback brings it back.',
        }
      : { id: 'cni-left-alone', severity: 'info', object, message: `Istio CNI ${is.text}: ${becomes}` };
  }
  return {
    id: 'cni-skew',
    severity: 'error',
    object,
    message: `Istio CNI ${is.text} does not go with a control plane ${target}: it serves those of its own minor release and of the next`,
    remedy:
      newer > 0
        ? `Upgrade Istio CNI first, by whom it was installed with, to a release at most one minor before ${target}.`
        : `Choose a version that is not older than Istio CNI, or bring Istio CNI back to one that goes with ${target}.`,
  };
}

/**
 * istioctl tells istiod of CNI only where it installs both: with `components.cni` off, `values.pilot.cni.enabled` is off as
 * well, whatever the file says (seen with 1.30.3 and 1.31.0).
 */
function notInCanary({ object, goesWith = '' }: SharedComponent): Finding {
  return {
    id: 'cni-not-in-canary',
    severity: 'warning',
    object,
    message: `istioctl installed it with ${goesWith}, and the canary is installed without it: pods that the new injector makes get the container istio-init again, which asks for NET_ADMIN`,
    remedy:
      'Give cni: with-install, and the config and set that have it, where pods must do without istio-init (Pod Security, OpenShift).',
  };
}

/**
 * What is installed by itself without a revision is `default`'s again (operator/pkg/install/install.go), and an old istioctl
 * that installs nothing but CNI prunes istiod `default`: of one without a revision canary alone gets it away.
 */
function goesAlong(object: string, revision: string): Finding {
  return {
    id: 'cni-goes-with-revision',
    severity: 'error',
    object,
    message: `istioctl installed it with revision ${revision}, and its uninstall would take it along: new pods would not start on any node`,
    remedy:
      revision === UNREVISIONED
        ? `Run canary with cni: with-install, and the config and set that have it: it upgrades it and makes it the new revision's. Then run promote with remove-old; until then run promote without it. Do not install it by istioctl without a revision: it would be ${revision}'s again, and an istioctl of its release would delete the control plane ${revision}.`
        : `Install Istio CNI by itself, without a revision (Helm chart cni, or istioctl with a file that has nothing but the component cni), then run promote with remove-old. Until then run promote without it. Or run canary with cni: with-install, which upgrades it and makes it the new revision's.`,
  };
}
