import { ApiError } from '../cluster/api-error.ts';
import type { Finding } from '../finding.ts';
import { type Crd, crdOf, crdsLeftBehind, downgradeFindings } from '../istio/crd-downgrade.ts';
import { readObject, splitDocuments } from '../istioctl/manifest.ts';
import type { Rendered } from './rendered.ts';
import type { Session } from './session.ts';

/**
 * Holds the CRDs that are there against those of an older release that is to be installed: see `downgradeFindings`.
 *
 * @throws what reading the cluster throws
 */
export async function weighDowngrade(
  { reader, inputs }: Session,
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
      used: await isUsed(reader, crd),
    })),
  );
  return downgradeFindings(live, known, left, inputs.acknowledge);
}

/** Undefined where this credential may not list them. */
async function isUsed(reader: Session['reader'], crd: Crd): Promise<boolean | undefined> {
  try {
    return await reader.any(crd.group, crd.stored[0] ?? crd.versions[0] ?? 'v1', crd.plural);
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined;
    throw error;
  }
}

function crdsIn(yaml: string): Crd[] {
  return splitDocuments(yaml)
    .filter((document) => /^kind: CustomResourceDefinition$/m.test(document))
    .flatMap((document) => crdOf(readObject(document)) ?? []);
}
