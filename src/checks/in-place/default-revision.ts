import type { Finding } from '../../finding.ts';
import type { Check, CheckView } from '../check.ts';
import { defaultRevision, makesDefault } from '../default-revision.ts';

/**
 * Exactly one injector is the default. With none, installing in place makes one: that is not for an upgrade to decide. Where
 * another mesh has the default, it would take it.
 */
export const defaultRevisionInPlace: Check = (view) =>
  defaultRevision(view).map((finding) => ({ ...finding, ...inPlace(finding, view) }));

function inPlace({ id }: Finding, { mesh, upgrade }: CheckView): Partial<Finding> {
  switch (id) {
    case 'default-webhook-missing':
      return {
        message:
          'no webhook injects namespaces with istio-injection=enabled, and installing in place would make one: their pods would get a sidecar with the next restart',
        remedy: `If they are to be injected, say so first: ${makesDefault(mesh, upgrade.from.revision)}. Else take that label off them, and then run it.`,
      };
    case 'default-of-another-mesh':
      return {
        severity: 'error',
        message: `the default is that of another mesh in the cluster, and installing in place would take it: an installation without a revision always does`,
        remedy: 'Use strategy: revision, which leaves the default where it is.',
      };
    default:
      return {};
  }
}
