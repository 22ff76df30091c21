import type { Upgrade } from '../decide/upgrade.ts';
import { type Mesh, planeOfRevision } from '../istio/mesh.ts';
import type { UpgradeRecord } from '../record/record.ts';
import type { Context, ProvedIstioctl } from '../steps/context.ts';
import { sideBySide } from './errand.ts';
import type { Session } from './session.ts';

/** The target's istioctl, by its version, before it is known whether it gets through to the cluster. */
export function fetchTarget(
  { inputs, istioctl, deps }: Session,
  version: string,
  signal = deps.signal,
): Promise<ProvedIstioctl> {
  return istioctl({ version }, inputs.istioctl, inputs.istioctlSha256, signal);
}

/**
 * The one that the record names as the current version's, before it is known whether it is: to have fetched it in vain does
 * no harm, and it is there when it is needed (issue 15).
 */
export async function fetchRecorded(
  session: Session,
  record: UpgradeRecord | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (record !== undefined) await fetchPrevious(session, record, signal);
}

function fetchPrevious(
  { inputs, istioctl, deps }: Session,
  { from }: { readonly from: Pick<Upgrade['from'], 'version'> },
  signal = deps.signal,
): Promise<ProvedIstioctl> {
  return istioctl({ version: from.version }, inputs.previousIstioctl, inputs.previousIstioctlSha256, signal);
}

/** The target's istioctl, which gets through. */
export async function targetOf(
  session: Session,
  version: string,
  signal = session.deps.signal,
): Promise<ProvedIstioctl> {
  const target = await fetchTarget(session, version, signal);
  await session.getThrough(target, signal);
  return target;
}

/** The current version's. */
export async function previousOf(session: Session, upgrade: Pick<Upgrade, 'from'>): Promise<ProvedIstioctl> {
  const previous = await fetchPrevious(session, upgrade);
  await session.getThrough(previous);
  return previous;
}

/** Both binaries, the old one too: the way back must be there before the way forward is begun (H42). */
export async function provedPair(
  session: Session,
  mesh: Mesh,
  { from, to }: Pick<Upgrade, 'from' | 'to'>,
): Promise<Context['istioctl']> {
  if (planeOfRevision(mesh, from.revision) === undefined) {
    const target = await targetOf(session, to.version);
    return { to: target, from: target };
  }
  const [target, previous] = await sideBySide([
    () => targetOf(session, to.version),
    () => previousOf(session, { from }),
  ]);
  return { to: target, from: previous };
}
