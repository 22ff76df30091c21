import { unlessForbidden } from '../cluster/unless-forbidden.ts';
import type { Finding } from '../finding.ts';
import { type Crd, crdOf, crdsLeftBehind, downgradeFindings } from '../istio/crd-downgrade.ts';
import { lostFields, narrowedVersion } from '../istio/crd-fields.ts';
import { type FieldsInUse, fieldsLost, objectsNotTakenBack } from '../istio/left-by-downgrade.ts';
import { treeOf } from '../istio/leaves.ts';
import type { Mesh } from '../istio/mesh.ts';
import { nameOfObject } from '../istio/own-objects.ts';
import { readObject, splitDocuments } from '../istioctl/manifest.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';

/**
 * What an older release that is to be installed takes away, and what it leaves: its CRDs are held against those that are
 * there (`downgradeFindings`, `fieldsLost`), and what it renders against what the newer one does (`objectsNotTakenBack`).
 *
 * @throws what reading the cluster throws
 */
export async function weighDowngrade(
  { reader, inputs }: Session,
  mesh: Pick<Mesh, 'owned'>,
  { newer, older }: Readonly<Record<'newer' | 'older', Rendered>>,
): Promise<Finding[]> {
  const live: Crd[] = [];
  for await (const item of reader.list('CustomResourceDefinition')) {
    const crd = crdOf(item);
    if (crd?.group.endsWith('.istio.io') === true) live.push(crd);
  }
  const known = crdsIn(older.yaml);
  const left = await Promise.all(
    crdsLeftBehind(live, crdsIn(newer.yaml), known).map(async (crd) => ({
      crd,
      used: await unlessForbidden(reader.any(crd.group, versionOf(crd), crd.plural)),
    })),
  );
  const fields = await Promise.all(known.map((crd) => fieldsInUse(reader, crd, live)));
  return [
    ...downgradeFindings(live, known, left, inputs.acknowledge),
    ...fieldsLost(fields.flat(), inputs.acknowledge),
    ...objectsNotTakenBack(mesh.owned, newer.objects, older.objects),
  ];
}

function versionOf({ stored, versions }: Crd): string {
  return stored[0] ?? versions[0] ?? 'v1';
}

/** Looks through the objects of a kind whose older schema lacks fields; where it lacks none, they are not asked for. */
async function fieldsInUse(
  reader: Session['reader'],
  older: Crd,
  all: readonly Crd[],
): Promise<FieldsInUse[]> {
  const live = all.find(({ name }) => name === older.name);
  const version = live === undefined ? undefined : narrowedVersion(live.schemas, older.schemas);
  const [wide, narrow] = [live, older].map((crd) => crd?.schemas.get(version ?? ''));
  if (version === undefined || wide === undefined || narrow === undefined) return [];
  const { group, plural, name } = older;
  const uses = await unlessForbidden(
    (async () => {
      const found = new Map<string, string[]>();
      for await (const item of reader.custom(group, version, plural)) {
        const fields = lostFields(item, wide, narrow);
        if (fields.length > 0) found.set(nameOfItem(item, plural), fields);
      }
      return [...found].map(([object, fields]) => ({ object, fields }));
    })(),
  );
  return [{ crd: name, resource: `${plural}.${group}`, uses }];
}

/** Items of a list may come without their kind. */
function nameOfItem(item: unknown, plural: string): string {
  const { kind = plural, metadata } = treeOf(item);
  const { namespace, name } = treeOf(metadata);
  return nameOfObject({
    kind: String(kind),
    namespace: typeof namespace === 'string' ? namespace : undefined,
    name: String(name),
  });
}

function crdsIn(yaml: string): Crd[] {
  return splitDocuments(yaml)
    .filter((document) => /^kind: CustomResourceDefinition$/m.test(document))
    .flatMap((document) => crdOf(readObject(document)) ?? []);
}
