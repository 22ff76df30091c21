import { credited } from '../decide/credit.ts';
import type { Facts } from '../decide/facts.ts';
import type { ControlPlane, Mesh } from '../istio/mesh.ts';
import { versionOfPlane, withTold } from '../istio/plane-version.ts';
import type { Istioctl } from '../istioctl/istioctl.ts';
import type { MeshVersion } from '../istioctl/mesh-version.ts';
import { targetOf } from './pair.ts';
import type { Session } from './session.ts';

const ASK_MS = 60_000;

/**
 * Facts in which control planes have a version that neither image nor label tells: istiod itself is asked, else its proxies
 * are looked at (issue 11, F05, M25). What was told is remembered for the run, as long as the control plane is the same.
 *
 * @throws what having istioctl throws
 */
export async function withPlaneVersions(session: Session, facts: Facts): Promise<Facts> {
  const silent = facts.mesh.planes.filter(({ version }) => version === undefined);
  if (silent.length === 0) return facts;
  const istioctl = await istioctlFor(session, facts);
  for (const plane of silent) {
    const answer = istioctl === undefined ? undefined : await ask(session, istioctl, plane);
    const told = toldBy(answer, plane, facts.mesh);
    if (told === undefined) continue;
    session.told.set(plane.fingerprint, told);
    session.deps.log.info(
      `control plane ${plane.revision} is ${told.version}: its image does not tell, ${told.source === 'istiod' ? 'istiod itself does' : 'its proxies do'}`,
    );
  }
  // Whatever was read meanwhile does not know it yet.
  session.mesh.outdate();
  return { ...facts, mesh: withTold(facts.mesh, session.told) };
}

/** The target's, as istioctl of any version asks the same; undefined where the target is not known. */
async function istioctlFor(session: Session, { inputs, record, mesh }: Facts): Promise<Istioctl | undefined> {
  const version = inputs.version ?? credited(record, mesh)?.to.version;
  if (version === undefined) return undefined;
  return (await targetOf(session, version)).istioctl;
}

async function ask(
  { deps }: Session,
  istioctl: Istioctl,
  { revision, rollout }: ControlPlane,
): Promise<MeshVersion | undefined> {
  if (rollout.updated === 0) return undefined;
  const answer = await istioctl.meshVersion({ revision }, { timeoutMs: ASK_MS, signal: deps.signal });
  deps.signal.throwIfAborted();
  if (answer.readable) return answer;
  deps.log.info(`istiod of ${revision} did not say its version: ${answer.reason}`);
  return undefined;
}

/** Several istiods of one revision are believed where they say the same; where they do not, nobody is. */
function toldBy(
  answer: MeshVersion | undefined,
  { revision }: ControlPlane,
  mesh: Mesh,
): ReturnType<typeof versionOfPlane> {
  const istiods = new Set(answer?.istiods);
  if (istiods.size > 1) return undefined;
  const ofPods = mesh.pods.flatMap((pod) => (pod.revision === revision ? (pod.version ?? []) : []));
  return versionOfPlane({
    istiod: [...istiods][0],
    proxies: answer === undefined || answer.proxies.length === 0 ? ofPods : answer.proxies,
  });
}
