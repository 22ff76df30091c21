import type { Finding } from '../finding.ts';
import type { ProxyStatusAnswer } from '../istioctl/proxy-status.ts';
import type { Unreadable } from '../istioctl/reading.ts';
import type { MeshPod } from './mesh.ts';

/** What the cluster and what istiod say, at one time. */
export interface Evidence {
  readonly pods: readonly MeshPod[];
  readonly status: ProxyStatusAnswer | Unreadable;
}

export interface Claim {
  readonly release: { readonly revision: string; readonly version: string };
  readonly namespaces?: readonly string[];
  readonly mayBeNone: boolean;
  /** Otherwise what may have been so before (not ready, no sidecar, an older proxy) is only told. */
  readonly strict: boolean;
}

/**
 * Whether the evidence proves a claim.
 *
 * - `proved`: every pod that counts is on the release, connected and in sync
 * - `behind`: some are not, and which
 * - `unseen`: there is no evidence; never to be taken for a success (promise 8)
 */
export type ProxyVerdict =
  | { readonly kind: 'proved'; readonly count: number; readonly warnings: readonly Finding[] }
  | { readonly kind: 'behind'; readonly waiting: string; readonly findings: readonly Finding[] }
  | { readonly kind: 'unseen'; readonly waiting: string };

/** Judges pods (recorded revision, proxy image) and istiod's account of them together; either alone proves nothing. */
export function judgeProxies({ pods, status }: Evidence, claim: Claim): ProxyVerdict {
  if (!status.readable) return { kind: 'unseen', waiting: status.reason };
  const counted = pods.filter(
    (pod) =>
      !pod.terminating &&
      (claim.namespaces?.includes(pod.namespace) ?? true) &&
      (pod.revision !== undefined || pod.injectedBy.length > 0),
  );
  if (counted.length === 0 && !claim.mayBeNone) {
    return { kind: 'unseen', waiting: 'there is no pod with a proxy, so there is nothing to see it by' };
  }
  const byPod = new Map(status.proxies.map((proxy) => [`${proxy.namespace}/${proxy.name}`, proxy]));
  const findings = counted.flatMap((pod) => {
    const problem = problemOf(pod, byPod.get(`${pod.namespace}/${pod.name}`), claim);
    return problem === undefined ? [] : [toFinding(pod, problem, claim)];
  });
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const [first] = errors;
    return {
      kind: 'behind',
      findings,
      waiting: `${String(counted.length - errors.length)} of ${String(counted.length)} proxies are there; ${first?.object ?? ''}: ${first?.message ?? ''}`,
    };
  }
  return { kind: 'proved', count: counted.length - findings.length, warnings: findings };
}

interface Problem {
  readonly text: string;
  /** It may have been so before the upgrade, and is no reason to leave a rollback half done. */
  readonly soft: boolean;
  readonly id: 'proxy-behind' | 'pod-not-ready';
}

type Proxy = ProxyStatusAnswer['proxies'][number];

function problemOf(pod: MeshPod, proxy: Proxy | undefined, { release }: Claim): Problem | undefined {
  const wrong = (text: string, soft = false): Problem => ({ text, soft, id: 'proxy-behind' });
  if (pod.revision === undefined) return wrong('has no sidecar although one is due', true);
  if (pod.revision !== release.revision) return wrong(`its proxy is of revision ${pod.revision}`);
  const version = pod.version ?? proxy?.version;
  if (version !== release.version) return wrong(`its proxy is of version ${version ?? 'unknown'}`, true);
  if (!pod.ready) return { text: 'is not ready', soft: true, id: 'pod-not-ready' };
  if (proxy === undefined) return wrong(`is not connected to istiod of ${release.revision}`);
  if (proxy.version !== '' && proxy.version !== release.version) {
    return wrong(`its proxy says it is version ${proxy.version}`);
  }
  if (proxy.sync !== 'synced') return wrong(`is not in sync with istiod (${proxy.detail})`);
  return undefined;
}

function toFinding(pod: MeshPod, { text, soft, id }: Problem, { strict, release }: Claim): Finding {
  return {
    id,
    severity: soft && !strict ? 'warning' : 'error',
    object: `Pod ${pod.namespace}/${pod.name}`,
    message: text,
    remedy:
      pod.owner === undefined || !['Deployment', 'StatefulSet', 'DaemonSet'].includes(pod.owner.kind)
        ? `Nothing that this Action may restart owns it (${pod.owner?.kind ?? 'no owner'}): replace it by hand, then run the phase again.`
        : `It should be on ${release.revision} ${release.version}. Look at the pod and its istio-proxy, then run the phase again.`,
  };
}
