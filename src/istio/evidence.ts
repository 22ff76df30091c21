import type { Finding } from '../finding.ts';
import type { ProxyStatusAnswer } from '../istioctl/proxy-status.ts';
import type { Unreadable } from '../istioctl/reading.ts';
import { type Before, stillBefore } from './before.ts';
import { type Mesh, type MeshPod, WORKLOAD_KINDS, nameOf } from './mesh.ts';
import { type Home, istioctlAt } from './home.ts';
import { asksAlone } from './immovable.ts';
import { leavingNamespaces } from './lasting.ts';
import { lostInjection } from './lost-injection.ts';
import { ownerKey } from './moves.ts';
import { type Problem, keptAlone, proxyFinding } from './proxy-finding.ts';
import { type Placed, type Scope, covers } from './scope.ts';
import { NOBODY_SEEN, type SeenWell, changesOf, changesTold, seenWell } from './seen-well.ts';
import type { Accepted } from './stragglers.ts';
import { isAwaited, unready } from './unready.ts';
import { sameRelease } from './version.ts';

/** What the cluster and what the istiods say, at one time. */
export interface Evidence {
  readonly mesh: Pick<Mesh, 'pods' | 'workloads' | 'namespaces' | 'defaultInjector' | 'istioNamespace'>;
  /** Who is connected to the release that the proxies are to be on. */
  readonly status: ProxyStatusAnswer | Unreadable;
  /** Who is connected to the other one; undefined where nobody may be asked, or need be. */
  readonly other: ProxyStatusAnswer | Unreadable | undefined;
}

/** What is to be proved of the data plane. */
export interface Claim {
  readonly release: { readonly revision: string; readonly version: string };
  /** Whose pods and workloads count; undefined for the whole mesh. */
  readonly scope?: Scope;
  readonly mayBeNone: boolean;
  /** Only the version tells that a proxy has moved, as both sides have one revision: one that nobody can tell is behind. */
  readonly byVersion: boolean;
  readonly before: Before;
  /** What may stay behind. */
  readonly accepted: Accepted;
  /** It is a rollback that claims it, which is not told to run one. */
  readonly isWayBack?: boolean;
  /** What the other side is called where somebody may still be connected to it; undefined where that does not matter. */
  readonly leaving?: string;
  /** Who was seen well in earlier looks of this step; undefined where one look is all there is. */
  readonly seen?: SeenWell;
}

/**
 * Whether the evidence proves a claim.
 *
 * - `proved`: every pod and workload that counts is on the release, connected and in sync, or as it was before
 * - `behind`: some are not, and which
 * - `unseen`: there is no evidence; never to be taken for a success (promise 8)
 */
export type ProxyVerdict =
  | {
      readonly kind: 'proved';
      readonly count: number;
      readonly kept: number;
      readonly warnings: readonly Finding[];
    }
  | {
      readonly kind: 'behind';
      readonly waiting: string;
      readonly findings: readonly Finding[];
      /** Who was seen well by now: what the next look of the step goes by. */
      readonly seen: SeenWell;
    }
  | Unseen;

/** Nobody answered, or nobody is there who could show it. */
export interface Unseen {
  readonly kind: 'unseen';
  readonly why: 'no-answer' | 'no-proxy';
  readonly waiting: string;
}

/** To ask istiod once more leads in a circle where there is no proxy that it could tell of. */
export function remedyOfUnseen({ why }: Unseen, revision: string, home: Home): string {
  return why === 'no-answer'
    ? `Check that istiod of ${revision} answers (${istioctlAt(home, `proxy-status --revision ${revision}`)}), then run the phase again.`
    : 'Mend or scale up a workload with a sidecar there (or, in canary, choose another namespace in canary-namespaces), then run the phase again.';
}

/**
 * Judges pods (recorded revision, proxy image), their workloads (M04: refused pods are no pods) and the istiods' account
 * of them together; none of them alone proves anything.
 */
export function judgeProxies(evidence: Evidence, made: Claim): ProxyVerdict {
  const { mesh, status, other } = evidence;
  const claim: Claim = { ...made, before: stillBefore(mesh, made.before) };
  if (!status.readable) return { kind: 'unseen', why: 'no-answer', waiting: status.reason };
  if (other?.readable === false) return { kind: 'unseen', why: 'no-answer', waiting: other.reason };
  const scope = scopeOf(mesh, claim);
  const counted = mesh.pods.filter((pod) => counts(pod) && scope(pod) && !asksAlone(mesh, pod));
  const shows = counted.some((pod) => isMovable(pod) && !claim.before.troubled.has(ownerKey(pod)));
  if (!shows && !claim.mayBeNone) {
    return unseenFor('no workload that was well before has a pod with a proxy');
  }
  const byPod = new Map(status.proxies.map((proxy) => [`${proxy.namespace}/${proxy.name}`, proxy]));
  const judged = counted.map((pod) => ({
    pod,
    problem: problemOf(pod, byPod.get(`${pod.namespace}/${pod.name}`), claim),
  }));
  const { seen = NOBODY_SEEN } = claim;
  const awaited = mesh.workloads.filter((workload) => scope(workload) && isAwaited(workload));
  const changes = changesOf({ awaited, judged, pods: mesh.pods }, seen);
  const ofPods = judged.flatMap((item) =>
    item.problem === undefined || changes.pods.includes(item)
      ? []
      : [proxyFinding(item.pod, item.problem, claim.release)],
  );
  const findings = [
    ...ofPods,
    ...awaited
      .filter((workload) => !changes.workloads.includes(workload))
      .map((workload) => unready(workload, claim)),
    ...changesTold(changes, claim.release.revision),
    ...stillThere(evidence, claim),
    ...lostInjection(mesh, claim.before),
  ];
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first !== undefined) {
    const wrong = ofPods.filter(({ severity }) => severity === 'error').length;
    return {
      kind: 'behind',
      findings,
      seen: seenWell(mesh.workloads, judged, seen),
      waiting: `${String(counted.length - wrong)} of ${String(counted.length)} proxies are there; ${first.object ?? ''}: ${first.message}`,
    };
  }
  const isWell = judged.some(
    ({ pod, problem }) => isMovable(pod) && (problem === undefined || problem.isServed === true),
  );
  if (!isWell && !claim.mayBeNone) return unseenFor('no proxy is connected and in sync, as it was before');
  const kept = judged.filter(({ problem }) => problem?.isServed === true).length;
  const count = judged.filter(({ problem }) => problem === undefined).length;
  const shown = count === 0 && kept > 0 && claim.scope !== undefined ? [keptAlone(kept, claim.release)] : [];
  return { kind: 'proved', count, kept, warnings: [...findings, ...shown] };
}

function unseenFor(reason: string): Unseen {
  return { kind: 'unseen', why: 'no-proxy', waiting: `${reason}, so there is nothing to see it by` };
}

/** A pod that has a proxy of the mesh or should have one, stays, and was not accepted as a straggler. */
function counts(pod: MeshPod): boolean {
  return !pod.terminating && !pod.accepted && (pod.revision !== undefined || pod.injectedBy.length > 0);
}

/** Pods of a kind that a restart replaces. */
function isMovable({ owner, revision }: MeshPod): boolean {
  return revision !== undefined || WORKLOAD_KINDS.some((kind) => kind === owner?.kind);
}

/** Whether a pod is evidence of a canary once it has moved. */
export function showsCanary(pod: MeshPod): boolean {
  return counts(pod) && isMovable(pod);
}

type Counts = (item: Placed) => boolean;

function scopeOf(mesh: Evidence['mesh'], { scope }: Claim): Counts {
  const leaving = leavingNamespaces(mesh);
  return (item) => !leaving.has(item.namespace) && (scope === undefined || covers(scope, item));
}

type Proxy = ProxyStatusAnswer['proxies'][number];

/** What a proxy is like between a push and its answer; one that has rejected something is not. */
const PUSHED: readonly Proxy['sync'][] = ['stale', 'not-sent-only'];

function problemOf(pod: MeshPod, proxy: Proxy | undefined, claim: Claim): Problem | undefined {
  const { release, before } = claim;
  const key = ownerKey(pod);
  const troubled = before.troubled.has(key);
  const wasSo = before.unsynced.has(nameOf({ ...pod, kind: 'Pod' })) || before.standing.has(pod.uid ?? '');
  const wrong = (text: string, wasSo = false): Problem => ({ text, id: 'proxy-behind', before: wasSo });
  if (pod.revision === undefined) {
    const text = 'has no sidecar although its labels ask for one';
    return {
      id: 'pod-without-sidecar',
      text,
      before: before.declined.has(key) || troubled || wasSo || !isMovable(pod),
    };
  }
  if (pod.revision !== release.revision)
    return wrong(`its proxy is of revision ${pod.revision}`, troubled || wasSo);
  const isOther = pod.version !== undefined && !sameRelease(pod.version, release.version);
  const isKept = isOther && pod.keepsImage === true && !claim.byVersion;
  const ofVersion = `its proxy is of version ${pod.version ?? ''}`;
  // In place the version is what tells that it was not restarted, because it was broken before.
  if (isOther && !isKept) return wrong(ofVersion, wasSo || (claim.byVersion && troubled));
  if (pod.version === undefined && claim.byVersion)
    return wrong('the image of its proxy does not tell its version', wasSo);
  if (!pod.ready) {
    return {
      text: 'is not ready',
      id: 'pod-not-ready',
      before: troubled || wasSo,
      passes: 'with-start',
    };
  }
  // Out of sync before is no excuse for not being there at all.
  if (proxy === undefined)
    return {
      ...wrong(`is not connected to istiod of ${release.revision}`, wasSo || before.unconnected.has(key)),
      passes: 'with-start',
    };
  if (proxy.sync !== 'synced') {
    return {
      ...wrong(`is not in sync with istiod (${proxy.detail})`, wasSo || before.unsynced.has(key)),
      ...(PUSHED.includes(proxy.sync) ? { passes: 'with-push' } : {}),
    };
  }
  return isKept
    ? {
        ...wrong(`${ofVersion}, which its annotation sidecar.istio.io/proxyImage keeps`, true),
        isServed: true,
      }
    : undefined;
}

/** Who is still connected to the side that is left, and is no pod that was accepted as a straggler (M08). */
function stillThere({ mesh, other }: Evidence, { leaving, accepted }: Claim): Finding[] {
  if (leaving === undefined || other?.readable !== true) return [];
  const known = new Map(mesh.pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  return other.proxies.flatMap(({ namespace, name, istiod }): Finding[] => {
    const pod = known.get(`${namespace}/${name}`);
    // A pod that counts is judged as a pod.
    if (pod?.revision !== undefined || pod?.accepted === true) return [];
    return accepted({ kind: 'Pod', namespace, name, labels: undefined })
      ? []
      : [foreign(namespace, name, istiod)];
  });
}

function foreign(namespace: string, name: string, istiod: string): Finding {
  return {
    id: 'unknown-proxy-connected',
    severity: 'error',
    object: `Pod ${namespace}/${name}`,
    message: `is connected to ${istiod}, and is no pod that an injector of this mesh has made`,
    remedy: `Point it to the new control plane by hand, or accept that it stays behind: allow-stragglers: ${namespace}/${name}`,
  };
}
