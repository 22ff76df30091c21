import type { Finding } from '../finding.ts';
import { type Schema, schemasOf } from './crd-fields.ts';
import { treeOf } from './leaves.ts';

/** A CustomResourceDefinition, as far as a way down asks. */
export interface Crd {
  readonly name: string;
  readonly group: string;
  readonly plural: string;
  /** Those that are served, as `spec.versions` names them. */
  readonly versions: readonly string[];
  /** Versions in which objects may be stored (`status.storedVersions`); empty for a rendered one. */
  readonly stored: readonly string[];
  /** What each version takes. */
  readonly schemas: ReadonlyMap<string, Schema>;
}

/** Reads what a rendered or live object says; undefined where it is no CRD. */
export function crdOf(object: unknown): Crd | undefined {
  const { metadata, spec, status } = treeOf(object);
  const { group, names, version, versions } = treeOf(spec);
  const [name, plural] = [treeOf(metadata).name, treeOf(names).plural];
  if (typeof name !== 'string' || typeof group !== 'string' || typeof plural !== 'string') return undefined;
  const stored = treeOf(status).storedVersions;
  return {
    name,
    group,
    plural,
    // Charts until 1.7 are of v1beta1, which may name a single version beside the list, or in its place.
    versions: Array.isArray(versions)
      ? versions.map((one) => String(treeOf(one).name))
      : typeof version === 'string'
        ? [version]
        : [],
    stored: (Array.isArray(stored) ? stored : []).map(String),
    schemas: schemasOf(object),
  };
}

/** CRDs that the newer release brought, that are there, and that the older one does not have: they stay. */
export function crdsLeftBehind(live: readonly Crd[], newer: readonly Crd[], older: readonly Crd[]): Crd[] {
  const [brought, known] = [newer, older].map((crds) => new Set(crds.map(({ name }) => name)));
  return live.filter(({ name }) => brought?.has(name) === true && known?.has(name) !== true);
}

/**
 * What forbids that an older release is installed (issue 14). An older CRD without a version in which objects are stored
 * is refused by the API server, in the middle of the installation. Objects of a kind that the older release does not know
 * would have no effect any more: that must be acknowledged. What istioctl never takes back is told.
 *
 * @param left CRDs that stay, and whether there are objects of theirs; undefined where nobody may see it
 */
export function downgradeFindings(
  live: readonly Crd[],
  older: readonly Crd[],
  left: readonly { readonly crd: Crd; readonly used: boolean | undefined }[],
  acknowledged: readonly string[],
): Finding[] {
  const refused = older.flatMap((crd): Finding[] => {
    const stored = live.find(({ name }) => name === crd.name)?.stored ?? [];
    const lacking = stored.filter((version) => !crd.versions.includes(version));
    if (lacking.length === 0) return [];
    return [
      {
        id: 'downgrade-lacks-stored-version',
        severity: 'error',
        object: `CustomResourceDefinition ${crd.name}`,
        message: `objects of it may be stored as ${lacking.join(', ')}, which the older release does not have: the API server would refuse its CRD in the middle of the installation`,
        remedy: `Have all objects stored in another version (write each again, then take ${lacking.join(', ')} out of status.storedVersions of the CRD), and run the phase again.`,
      },
    ];
  });
  const inUse = left
    .filter(({ used }) => used !== false)
    .map(({ crd, used }): Finding => {
      const key = `CustomResourceDefinition/${crd.name}`;
      return {
        id: 'downgrade-loses-objects',
        severity: used === true && !acknowledged.includes(key) ? 'error' : 'warning',
        object: `CustomResourceDefinition ${crd.name}`,
        message:
          used === true
            ? 'the newer release brought it, there are objects of it, and the older release does not know them: they would have no effect any more'
            : 'the newer release brought it, and this credential can not see whether there are objects of it: the older release would not know them',
        remedy: `Look at them (kubectl get ${crd.plural}.${crd.group} -A) and delete them, or let them be without effect: acknowledge: ${key}`,
      };
    });
  const stay = left.map(({ crd }) => crd.name);
  return [
    ...refused,
    ...inUse,
    ...(stay.length === 0
      ? []
      : [
          {
            id: 'crds-not-taken-back',
            severity: 'info',
            message: `istioctl never deletes CRDs: ${stay.join(', ')} of the newer release will stay`,
          } as const,
        ]),
  ];
}
