import type { Finding } from '../finding.ts';
import { parseVersion, tryParseVersion } from '../istio/version.ts';
import type { Check } from './check.ts';

/** A CNI node agent serves control planes of its own minor release and of this many after it (istio.io, ambient upgrade). */
const NEWER_BY = 1;

/**
 * The CNI node agent has no revision: one serves both control planes. It is left alone, and must suit the target (H56); and
 * it must not be one that goes with the old control plane (H54).
 */
export const cni: Check = ({ mesh, upgrade: { from, to }, removal: { removeOld } }) =>
  mesh.shared
    .filter(({ kind }) => kind === 'cni')
    .flatMap(({ object, version, goesWith }): Finding[] => [
      skewOf(object, version, to.version),
      ...(removeOld && goesWith === from.revision ? [goesAlong(object, from.revision)] : []),
    ]);

function skewOf(object: string, version: string | undefined, target: string): Finding {
  const [is, wanted] = [tryParseVersion(version ?? ''), parseVersion(target)];
  if (is === undefined) {
    return {
      id: 'cni-version-untold',
      severity: 'warning',
      object,
      message:
        'Istio CNI, whose image does not tell its version. It is left as it is, and serves both control planes',
      remedy: `Make sure that it is of the minor release of ${target}, or of the one before.`,
    };
  }
  const newer = (wanted.major - is.major) * 1_000 + wanted.minor - is.minor;
  if (newer >= 0 && newer <= NEWER_BY) {
    return {
      id: 'cni-left-alone',
      severity: 'info',
      object,
      message: `Istio CNI ${is.text}: it is left as it is, and serves both control planes`,
    };
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

function goesAlong(object: string, revision: string): Finding {
  return {
    id: 'cni-goes-with-revision',
    severity: 'error',
    object,
    message: `istioctl installed it with revision ${revision}, and its uninstall would take it along: new pods would not start on any node`,
    remedy: `Install Istio CNI by itself, without a revision (Helm chart cni, or istioctl with a file that has nothing but the component cni), then run promote with remove-old. Until then run promote without it.`,
  };
}
