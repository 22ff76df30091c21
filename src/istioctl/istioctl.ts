import { dialectOf } from '../istio/dialect.ts';
import type { Permission } from '../cluster/cluster.ts';
import type { Version } from '../istio/version.ts';
import type { CommandResult, CommandRunner } from '../process/command.ts';
import { type Redact, redactor } from '../redact.ts';
import * as argv from './argv.ts';
import { type ClientVersion, readClientVersion } from './client-version.ts';
import { type Configuration, withConfigFiles } from './config-files.ts';
import { secretsOfConfiguration } from './configuration-secrets.ts';
import { istioctlEnvironment } from './environment.ts';
import { lastWords, proseLines } from './output.ts';
import { deniedIn } from './denied.ts';
import { isMissing, missingResult } from './missing.ts';
import { type RenderedGateways, readGateways } from './gateway-manifest.ts';
import { type WantedGateways, gatewaysOfEach } from './gateways-of-each.ts';
import { type RenderedCni, readCni } from './cni-manifest.ts';
import { type MeshVersion, readMeshVersion } from './mesh-version.ts';
import { type PrecheckAnswer, noPrecheck, readPrecheck } from './precheck.ts';
import { type ProxyStatusAnswer, ofRevision, readProxyStatus } from './proxy-status.ts';
import { type PruneList, readPruneList } from './prune-list.ts';
import { interruptionOf } from './interruption.ts';
import type { Unreadable } from './reading.ts';
import { type RenderedManifest, readManifest } from './rendered-manifest.ts';
import { saysTagWasSet } from './tag.ts';

export type { RenderedManifest } from './rendered-manifest.ts';

/** How long a call may take, and what ends it earlier. */
export interface Call {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** How a command that changes the cluster ended. What the cluster is like now is to be seen there, not here. */
export interface Ended {
  /** It says that it did what it was told to. Never the only proof (promise 8). */
  readonly ok: boolean;
  readonly code: number | null;
  /** Our deadline ended it, somewhere in the middle. */
  readonly timedOut: boolean;
  /** The caller's signal ended it, somewhere in the middle. */
  readonly aborted: boolean;
  /** Why it is not `ok`, in istioctl's words: one line, without secrets. Empty where it is. */
  readonly words: string;
  /** The rights that it was refused: all of them, where the words are cut. */
  readonly denied: readonly Permission[];
  readonly durationMs: number;
}

/** What a revision would be made of. */
export interface RevisionConfiguration extends Configuration {
  /** `default` is the control plane without a revision. */
  readonly revision: string;
}

/** Called with each line that a person would read, without secrets. */
export type OnLine = (line: string) => void;

/**
 * istioctl of one version, on one cluster. An exit code, a deadline or silence never throws: it is in the result.
 * Each call throws `CommandNotRunnable` where the program can't be started, and those with a configuration
 * `UnfaithfulSetValue` where a `set` line can't be carried out; in both cases nothing was done.
 */
export interface Istioctl {
  readonly version: Version;
  /** Where it installs. */
  readonly istioNamespace: string;
  /** The version that the program says it is. No cluster is asked. */
  clientVersion(call: Call): Promise<ClientVersion | Unreadable>;
  /** Asks the istiods of a revision which version they are, and which their proxies. */
  meshVersion(what: { readonly revision: string }, call: Call): Promise<MeshVersion | Unreadable>;
  precheck(call: Call): Promise<PrecheckAnswer | Unreadable>;
  /** Renders what `install` would apply. No cluster is asked. */
  manifestGenerate(what: RevisionConfiguration, call: Call): Promise<RenderedManifest | Unreadable>;
  /** Renders the gateways alone, each source by itself, to be applied one by one. No cluster is asked. */
  renderGateways(what: WantedGateways, call: Call): Promise<RenderedGateways | Unreadable>;
  /** The same of Istio CNI. */
  renderCni(what: RevisionConfiguration, call: Call): Promise<RenderedCni | Unreadable>;
  /** `readinessTimeoutMs` is istioctl's own patience with each component; the call's deadline should be longer. */
  install(
    what: RevisionConfiguration & { readonly readinessTimeoutMs: number },
    call: Call,
    onLine?: OnLine,
  ): Promise<Ended>;
  uninstallDryRun(what: { readonly revision: string }, call: Call): Promise<PruneList | Unreadable>;
  /** Deletes all that `uninstallDryRun` lists, whoever still uses it (T03, T04). */
  uninstall(what: { readonly revision: string }, call: Call, onLine?: OnLine): Promise<Ended>;
  setTag(what: argv.TagTarget, call: Call): Promise<Ended>;
  /** Takes a tag away: its webhook and its Service. */
  removeTag(what: { readonly tag: string }, call: Call): Promise<Ended>;
  /** The cheapest call that asks the cluster something: whether istioctl gets through at all. */
  listTags(call: Call): Promise<Ended>;
  proxyStatus(what: { readonly revision: string }, call: Call): Promise<ProxyStatusAnswer | Unreadable>;
}

/** What an `Istioctl` is made of. */
export interface IstioctlOptions extends argv.Target {
  /** Path of the program. */
  readonly path: string;
  /** Its version, proved by `acquireIstioctl`: decides how it is spoken to. */
  readonly version: Version;
  readonly runner: CommandRunner;
  /** Our environment; what a child must not see is dropped here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** An existing directory of this run. */
  readonly tempDir: string;
  /** Of this run: taken out of all that is told of what the program says. */
  readonly secrets: readonly string[];
  /** Told each command line before it runs. It holds no secret. */
  readonly log?: (line: string) => void;
}

export function createIstioctl(options: IstioctlOptions): Istioctl {
  const { version, istioNamespace, tempDir, secrets } = options;
  // Secrets turn up while the run lasts: each time those that are known by then.
  const redactOwn: Redact = (text) => redactor(secrets)(text);
  const redactAll = async (configuration: Configuration): Promise<Redact> => {
    const more = await secretsOfConfiguration(configuration);
    return (text) => redactor([...secrets, ...more])(text);
  };
  const dialect = dialectOf(version);
  const run = (args: argv.CommandLine, call: Call, more: Partial<Listening> = {}): Promise<Heard> =>
    runIstioctl(options, args, call, { redact: redactOwn, ...more });
  const generated = <T extends { readonly readable: true }>(
    { revision, ...configuration }: RevisionConfiguration,
    call: Call,
    reader: (result: Heard) => T | Unreadable,
  ): Promise<T | Unreadable> =>
    withConfigFiles({ ...configuration, revision }, tempDir, async (files) => {
      const redact = await redactAll(configuration);
      const args = argv.manifestGenerateArgs(options, dialect, revision, files);
      return read(await run(args, call, { redact }), call, reader);
    });

  return {
    version,
    istioNamespace,
    clientVersion: async (call) => read(await run(argv.clientVersionArgs(), call), call, readClientVersion),
    meshVersion: async ({ revision }, call) =>
      read(await run(argv.meshVersionArgs(options, dialect, revision), call), call, readMeshVersion),
    precheck: async (call) =>
      dialect.precheck === undefined
        ? noPrecheck(version)
        : read(await run(argv.precheckArgs(options, dialect), call), call, (result) =>
            readPrecheck(result, dialect.precheckFormat),
          ),
    manifestGenerate: (what, call) => generated(what, call, readManifest),
    renderGateways: (what, call) => gatewaysOfEach(what, (source) => generated(source, call, readGateways)),
    renderCni: (what, call) => generated({ ...what, without: 'all but cni' }, call, readCni),
    install: ({ revision, readinessTimeoutMs, ...configuration }, call, onLine) =>
      withConfigFiles({ ...configuration, revision }, tempDir, async (files) => {
        const redact = await redactAll(configuration);
        const args = argv.installArgs(options, dialect, { revision, files, readinessTimeoutMs });
        return ended(await run(args, call, { onLine, redact }), call, redact);
      }),
    uninstallDryRun: async ({ revision }, call) =>
      read(await run(argv.uninstallArgs(options, dialect, revision, 'dry-run'), call), call, readPruneList),
    uninstall: async ({ revision }, call, onLine) =>
      ended(
        await run(argv.uninstallArgs(options, dialect, revision, 'delete'), call, { onLine }),
        call,
        redactOwn,
      ),
    setTag: async (what, call) => {
      const result = await run(argv.setTagArgs(options, dialect, what), call);
      return ended(result, call, redactOwn, saysTagWasSet(result, what));
    },
    removeTag: async ({ tag }, call) =>
      ended(await run(argv.removeTagArgs(options, dialect, tag), call), call, redactOwn),
    listTags: async (call) => ended(await run(argv.listTagsArgs(options, dialect), call), call, redactOwn),
    proxyStatus: async ({ revision }, call) =>
      read(await run(argv.proxyStatusArgs(options, dialect, revision), call), call, (result) =>
        ofRevision(
          readProxyStatus(result, dialect.proxyStatusFormat),
          dialect.proxyStatusOfOne ? undefined : revision,
        ),
      ),
  };
}

interface Listening {
  readonly onLine?: OnLine | undefined;
  readonly redact: Redact;
}

/** What was heard of a command: its words without secrets, and what is read from them as they were said (F08). */
interface Heard extends CommandResult {
  readonly denied: () => Permission[];
  readonly redact: Redact;
}

/** What comes back has no secret on stderr; stdout may be data, and is left as it is. */
async function runIstioctl(
  { path, version, env, tempDir, runner, log }: IstioctlOptions,
  args: argv.CommandLine,
  { timeoutMs, signal }: Call,
  { onLine, redact }: Listening,
): Promise<Heard> {
  if (isMissing(args)) return { ...missingResult(version, args), denied: () => [], redact };
  log?.(`istioctl ${args.join(' ')}`);
  const result = await runner.run({
    file: path,
    args,
    env: await istioctlEnvironment(env, tempDir),
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
    ...(onLine === undefined
      ? {}
      : { onLine: (_, line) => proseLines(line).forEach((prose) => onLine(redact(prose))) }),
  });
  const denied = (): Permission[] => deniedIn(`${result.stderr}\n${result.stdout}`);
  return { ...result, stderr: redact(result.stderr), denied, redact };
}

/** Reads an answer, or says why there is none that can be read: cut short, late, stopped. */
function read<T extends { readonly readable: true }>(
  result: Heard,
  call: Call,
  reader: (result: Heard) => T | Unreadable,
): T | Unreadable {
  const unreadable = (reason: string): Unreadable => ({ readable: false, reason });
  const interrupted = interruptionOf(result, call);
  const answer =
    interrupted !== undefined
      ? unreadable(interrupted)
      : result.truncated
        ? unreadable('its answer is too large to be kept')
        : reader(result);
  // Also of a command that hung: without the right to list it waits for ever (observed 1), and says so in its log.
  const denied = answer.readable ? [] : result.denied();
  return denied.length === 0 ? answer : { ...answer, denied };
}

function ended(result: Heard, call: Call, redact: Redact, saysSo = true): Ended {
  const { code, timedOut, aborted, durationMs } = result;
  const interrupted = interruptionOf(result, call);
  const ok = code === 0 && interrupted === undefined && saysSo;
  const said = [interrupted, lastWords(result, redact)].filter(
    (words) => words !== undefined && words !== '',
  );
  return {
    ok,
    code,
    timedOut,
    aborted,
    words: ok ? '' : said.join('; ') || `exit code ${code ?? 'none'}`,
    denied: ok ? [] : result.denied(),
    durationMs,
  };
}
