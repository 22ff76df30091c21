import type { Upgrade } from '../decide/upgrade.ts';
import { type Mesh, planeOfRevision } from '../istio/mesh.ts';
import type { Context, ProvedIstioctl } from '../steps/context.ts';
import { sideBySide } from './errand.ts';
import type { Session } from './session.ts';

/** The target's istioctl, by its version. */
export function targetOf(
  session: Session,
  version: string,
  signal = session.deps.signal,
): Promise<ProvedIstioctl> {
  const { istioctl, istioctlSha256 } = session.inputs;
  return session.istioctl({ version }, istioctl, istioctlSha256, signal);
}

/** The current version's. */
export function previousOf(session: Session, { from }: Pick<Upgrade, 'from'>): Promise<ProvedIstioctl> {
  const { previousIstioctl, previousIstioctlSha256 } = session.inputs;
  return session.istioctl(from, previousIstioctl, previousIstioctlSha256);
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
