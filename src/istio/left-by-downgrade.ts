import type { Finding } from '../finding.ts';
import { firstOf } from './first-of.ts';
import type { OwnedObject } from './mesh.ts';
import { type NamedObject, nameOfObject } from './own-objects.ts';

/** Objects of one kind that have fields which only the newer release knows. */
export interface FieldsInUse {
  /** Name of the CustomResourceDefinition. */
  readonly crd: string;
  /** How it is asked for: `virtualservices.networking.istio.io`. */
  readonly resource: string;
  /** Undefined: this credential may not list them. */
  readonly uses: readonly { readonly object: string; readonly fields: readonly string[] }[] | undefined;
}

/** So many objects, and so many fields, are named. */
const NAMED = 5;

/**
 * Fields in use that the older release's schema lacks (issue 14): from the moment that its CRD is there the API server
 * drops them from what it hands out, and istiod is configured without them. That must be acknowledged.
 */
export function fieldsLost(inUse: readonly FieldsInUse[], acknowledged: readonly string[]): Finding[] {
  return inUse.flatMap(({ crd, resource, uses }): Finding[] => {
    if (uses?.length === 0) return [];
    const key = `CustomResourceDefinition/${crd}`;
    const fields = [...new Set((uses ?? []).flatMap((use) => use.fields))];
    return [
      {
        id: 'downgrade-loses-fields',
        severity: uses !== undefined && !acknowledged.includes(key) ? 'error' : 'warning',
        object: `CustomResourceDefinition ${crd}`,
        message:
          uses === undefined
            ? 'the newer release knows fields of it that the older one does not, and this credential can not see whether objects have them: they would have no effect any more'
            : `the older release does not know ${firstOf(fields, NAMED)}, which ${firstOf(
                uses.map(({ object }) => object),
                NAMED,
              )} ${uses.length === 1 ? 'has' : 'have'}: they would have no effect any more`,
        remedy: `Look at them (kubectl get ${resource} -A -o yaml), and take those fields out, or let them be without effect: acknowledge: ${key}`,
      },
    ];
  });
}

/**
 * What the newer release's istioctl has installed and the older one's does not render: no istioctl but the newer one would
 * take it back. CRDs are told by themselves.
 */
export function objectsNotTakenBack(
  owned: readonly OwnedObject[],
  newer: readonly NamedObject[],
  older: readonly NamedObject[],
): Finding[] {
  const [brought, kept] = [newer, older].map((objects) => new Set(objects.map(nameOfObject)));
  const left = owned
    .filter(({ terminating }) => !terminating)
    .map(nameOfObject)
    .filter((name) => brought?.has(name) === true && kept?.has(name) !== true);
  return left.length === 0
    ? []
    : [
        {
          id: 'objects-not-taken-back',
          severity: 'info',
          message: `istioctl of the older release does not know what only the newer one installs, and leaves it: ${left.join(', ')} will stay`,
          remedy: 'Nothing, if they do no harm. Else delete them by hand once the older release serves.',
        },
      ];
}
