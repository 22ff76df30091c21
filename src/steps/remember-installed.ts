import { changedByOthers, deploymentsOf } from '../istio/changed-by-others.ts';
import type { Mesh } from '../istio/mesh.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import type { UpgradeRecord } from '../record/record.ts';
import { amendRecord } from './amend-record.ts';
import type { Context } from './context.ts';

type Site = Pick<Context, 'cluster' | 'inputs' | 'runUrl'>;

/** Before an installation: until it has ended, what differs may be what it has not come to. */
export async function forgetInstalled(context: Site): Promise<void> {
  await note(context, undefined);
}

/** After one that has ended well: tells what somebody else has changed of it, and remembers that it need not be repeated. */
export async function rememberInstalled(
  context: Site & Pick<Context, 'report'>,
  mesh: Mesh,
  rendered: readonly RenderedObject[],
): Promise<void> {
  const found = changedByOthers(mesh, rendered);
  if (found.length === 0) return;
  const { findings } = context.report;
  // In place one run may install twice.
  const told = new Set(findings.map(({ id, object }) => `${id} ${object ?? ''}`));
  findings.push(...found.filter(({ id, object }) => !told.has(`${id} ${object ?? ''}`)));
  await note(context, deploymentsOf(rendered));
}

/** Where the record was lost the next run installs again. */
async function note(site: Site, installed: UpgradeRecord['installed']): Promise<void> {
  await amendRecord(site, (record) =>
    record.installed === installed ? undefined : { ...record, installed },
  );
}
