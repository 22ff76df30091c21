import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Patience, createApi } from '../cluster/api.ts';
import { type Cluster, createCluster } from '../cluster/cluster.ts';
import { insecureTransport } from '../cluster/transport.ts';
import { readKubeconfig } from '../cluster/kubeconfig.ts';
import { observeMesh } from '../cluster/observe.ts';
import { type Finding, hasError } from '../finding.ts';
import { strangersContent } from '../input/checkout.ts';
import type { Inputs } from '../inputs.ts';
import type { View } from '../decide/upgrade.ts';
import { type Mesh, OWNED_KINDS } from '../istio/mesh.ts';
import { type ToldVersion, withTold } from '../istio/plane-version.ts';
import { acceptedBy } from '../istio/stragglers.ts';
import { RECORD_NAME } from '../istio/names.ts';
import { parseVersion } from '../istio/version.ts';
import { type ToolCache, acquireIstioctl } from '../istioctl/acquire.ts';
import { createIstioctl } from '../istioctl/istioctl.ts';
import { smokeIstioctl } from '../istioctl/smoke.ts';
import type { Logger } from '../log.ts';
import type { CommandRunner } from '../process/command.ts';
import { type Release, type UpgradeRecord, readRecord } from '../record/record.ts';
import type { Report } from '../report/report.ts';
import type { Context, ProvedIstioctl } from '../steps/context.ts';
import { Refused } from '../steps/step.ts';
import { type Glance, glance } from './glance.ts';
import { istioctlWay } from './istioctl-way.ts';
import type { Lock } from './lock.ts';
import { touching } from './touching.ts';

/** What a run needs from outside. */
export interface Deps {
  readonly log: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** An existing directory of this run alone. */
  readonly tempDir: string;
  readonly runner: CommandRunner;
  readonly toolCache: () => Promise<ToolCache>;
  /** Of the kubeconfig, masked already: must be taken out of whatever is told. */
  readonly secrets: readonly string[];
  /** Told a secret that turns up while the run lasts, such as a plugin's token; it is added to `secrets`. */
  readonly onSecret?: (secret: string) => void;
  /** Fires with the reason when the run must end: cancelled, or out of time. */
  readonly signal: AbortSignal;
  /** Writes summary, outputs and report file from the report as it is. */
  readonly publish: (report: Report) => void;
}

/** The lock must be renewed several times in its 30 s, so an answer that hangs is given up early. */
const KEEPERS_PATIENCE: Patience = { requestMs: 8_000, retryForMs: 60_000 };

/** One run's connection to one cluster. */
export interface Session {
  readonly inputs: Inputs;
  readonly deps: Deps;
  /** For reading, until the run is cancelled or out of time. */
  readonly reader: Cluster;
  /** Not fenced and not ended with the run: for the lock itself, and for the last look. */
  readonly keeper: Cluster;
  /** Fenced by the lock, once there is one: writes nothing without. */
  readonly writer: Cluster;
  /** The lock that fences all writes from now on; undefined once it was given back, when nothing is written any more. */
  readonly useLock: (lock: Lock | undefined) => void;
  readonly mesh: Glance<Mesh>;
  readonly record: Glance<UpgradeRecord | undefined>;
  /** Versions of control planes that their images do not tell, by fingerprint, as they were asked for. */
  readonly told: Map<string, ToldVersion>;
  readonly runUrl: string;
  /** Whether anything was written that matters: all but the lock and the record. `failed` is said only then (M12). */
  touched: boolean;
  /** Whether the record was written: the state is told by it, too. */
  recorded: boolean;
  /** What was decided on last; undefined while nothing was. */
  decided?: View;
  /** Why all that was moved is no proved canary, as it was seen last. */
  unproved?: readonly Finding[];
  /** Both istioctls, once they were proved. */
  pair?: Context['istioctl'];
  /**
   * Proved istioctl of a release; remembered for the run. To get it asks nothing of the cluster, so it may begin before it is
   * known what this credential may (issue 15).
   *
   * @param signal of who asks first; default that of the run
   */
  readonly istioctl: (
    release: Pick<Release, 'version'>,
    given: string | undefined,
    sha256?: string,
    signal?: AbortSignal,
  ) => Promise<ProvedIstioctl>;
  /**
   * Sees that istioctl gets through to the cluster, once a run, by whichever comes first: what can't is known before
   * anything is decided from its silence (K02).
   *
   * @throws Refused where it does not
   */
  readonly getThrough: (proved: ProvedIstioctl, signal?: AbortSignal) => Promise<void>;
}

/**
 * Opens the session: prints which cluster, server and user it talks to before anything else.
 *
 * @throws KubeconfigError
 */
export async function openSession(inputs: Inputs, deps: Deps, report: Report): Promise<Session> {
  const kubeconfig = readKubeconfig(inputs.kubeconfig, inputs.context, deps.env, {
    runner: deps.runner,
    ...(deps.onSecret === undefined ? {} : { onSecret: deps.onSecret }),
  });
  const { context, server, user, skipsVerification } = kubeconfig.destination;
  report.cluster = { context, server, user };
  deps.log.info(`cluster: context ${context}, server ${server}, user ${user}`);
  const changes = inputs.phase !== 'precheck' && !inputs.dryRun;
  const insecure = insecureTransport(
    { server, skipsVerification, nodeRejects: deps.env.NODE_TLS_REJECT_UNAUTHORIZED },
    { changes, allowed: inputs.allowInsecureTls },
  );
  if (hasError(insecure)) throw new Refused(insecure);
  report.findings.push(...insecure, ...strangersContent(deps.env));
  let lock: Lock | undefined;
  const kubeconfigPath = join(deps.tempDir, 'kubeconfig');
  const way = await istioctlWay(
    kubeconfig,
    () => {
      // Cancelled is cancelled: what istioctl has not sent yet is not sent any more.
      deps.signal.throwIfAborted();
      return lock?.fence();
    },
    { changes, ...(deps.onSecret === undefined ? {} : { onSecret: deps.onSecret }) },
  );
  writeFileSync(kubeconfigPath, way.text, { mode: 0o600 });
  const api = createApi(kubeconfig, 'istio-upgrade', deps.signal, undefined, (line) => {
    deps.log.info(line);
  });
  const reader = createCluster(api);
  const keeper = createCluster(
    createApi(kubeconfig, 'istio-upgrade', new AbortController().signal, KEEPERS_PATIENCE),
  );
  const writer = createCluster(
    api,
    () => {
      if (lock === undefined)
        throw new Error('a write before the lock was taken: this is a fault of the Action');
      return lock.fence();
    },
    (kind, name) => {
      if (kind === 'ConfigMap' && name === RECORD_NAME) {
        session.recorded = true;
        session.record.outdate();
      } else touched();
    },
  );
  const told = new Map<string, ToldVersion>();
  /** What was seen until now is not what is there any more. */
  const touched = (): void => {
    session.touched = true;
    session.mesh.outdate();
  };
  const proved = new Map<string, Promise<ProvedIstioctl>>();
  let smoking: Promise<void> | undefined;
  const prove = async (
    text: string,
    given: string | undefined,
    sha256: string | undefined,
    signal: AbortSignal,
  ): Promise<ProvedIstioctl> => {
    const version = parseVersion(text);
    const acquired = await acquireIstioctl(
      { version, givenPath: given, baseUrl: inputs.istioctlBaseUrl, sha256 },
      {
        toolCache: deps.toolCache,
        runner: deps.runner,
        env: deps.env,
        tempDir: deps.tempDir,
        signal,
        platform: process.platform,
        arch: process.arch,
      },
    );
    const { source, sha256: sum } = acquired;
    deps.log.info(`istioctl ${acquired.version}: ${source}, sha256 ${sum}`);
    const istioctl = createIstioctl({
      path: acquired.path,
      version,
      runner: deps.runner,
      env: deps.env,
      tempDir: deps.tempDir,
      secrets: deps.secrets,
      kubeconfigPath,
      context,
      istioNamespace: inputs.istioNamespace,
      actsAs: way.actsAs,
      log: (line) => {
        deps.log.debug(line);
      },
    });
    return {
      istioctl: touching(istioctl, touched),
      proof: { source, sha256: sum },
    };
  };
  const session: Session = {
    touched: false,
    recorded: false,
    inputs,
    deps,
    reader,
    keeper,
    writer,
    useLock: (taken) => {
      lock = taken;
    },
    told,
    mesh: glance(async () =>
      withTold(
        await observeMesh(reader, inputs.istioNamespace, {
          kinds: inputs.phase === 'precheck' ? [] : OWNED_KINDS,
          accepted: acceptedBy(inputs.stragglers),
        }),
        told,
      ),
    ),
    record: glance(() => readRecord(reader, inputs.istioNamespace)),
    runUrl: runUrlOf(deps.env),
    istioctl: ({ version }, given, sha256, signal = deps.signal) => {
      const key = JSON.stringify([version, given, sha256]);
      const proving = proved.get(key) ?? prove(version, given, sha256, signal);
      proved.set(key, proving);
      return proving;
    },
    getThrough: ({ istioctl }, signal = deps.signal) => {
      smoking ??= smokeIstioctl(istioctl, signal).then((stuck) => {
        if (stuck !== undefined) throw new Refused([stuck]);
      });
      return smoking;
    },
  };
  return session;
}

/** Where a person finds this run; on a laptop, who it is. */
export function runUrlOf(env: Deps['env']): string {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT } = env;
  if (GITHUB_SERVER_URL === undefined || GITHUB_REPOSITORY === undefined || GITHUB_RUN_ID === undefined) {
    return `a run outside GitHub, by ${env.USER ?? 'an unknown user'}`;
  }
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}/attempts/${GITHUB_RUN_ATTEMPT ?? '1'}`;
}
