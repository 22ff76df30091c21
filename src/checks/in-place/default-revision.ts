import type { Check } from '../check.ts';
import { defaultRevision, makesDefault } from '../default-revision.ts';

/** Exactly one injector is the default. With none, installing in place makes one: that is not for an upgrade to decide. */
export const defaultRevisionInPlace: Check = (view) =>
  defaultRevision(view).map((finding) =>
    finding.id !== 'default-webhook-missing'
      ? finding
      : {
          ...finding,
          message:
            'no webhook injects namespaces with istio-injection=enabled, and installing in place would make one: their pods would get a sidecar with the next restart',
          remedy: `If they are to be injected, say so first: ${makesDefault(view.mesh, view.upgrade.from.revision)}. Else take that label off them, and then run it.`,
        },
  );
