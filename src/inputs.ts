import { PHASES, type Phase } from './outcome.ts';
import { type Along, CNI, GATEWAYS, readAlong, rejectOwnFiles } from './input/along.ts';
import { readBaseUrl } from './input/base-url.ts';
import { readContext } from './input/context.ts';
import { parseDuration, parseWait } from './input/duration.ts';
import { readClusterId } from './input/cluster-id.ts';
import { rejectEvent } from './input/event.ts';
import { readConfigurations, readFiles, readProgram } from './input/files.ts';
import { kubeconfigOf } from './input/kubeconfig-found.ts';
import { readNamespace, readNamespaces } from './input/namespaces.ts';
import { readSet } from './input/set.ts';
import { besideOnly, inPlaceOnly, readAcknowledged, revisionFor } from './input/in-place.ts';
import { readParallel } from './input/parallel.ts';
import { stragglersFor } from './input/stragglers.ts';
import { readSha256 } from './input/sha256.ts';
import { readAdoptTags, readTag, readTags } from './input/tags.ts';
import { misspeltInputs } from './input/unknown-inputs.ts';
import { readLoosely, readVersion } from './input/version.ts';
import { oneOf, optional, readBoolean } from './input/words.ts';
import type { WantedVersion } from './istioctl/newest.ts';
import type { StragglerSelection } from './istio/stragglers.ts';
import { InputError, type InputProblem, Rejection } from './input-error.ts';

/** How the control plane is replaced: one beside the other, or the only one where it is. */
export const STRATEGIES = ['revision', 'in-place'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** What the user asked for, checked: nothing below `index.ts` reads an input by itself. */
export interface Inputs extends Along {
  readonly phase: Phase;
  readonly strategy: Strategy;
  /** The kubeconfig's content, decoded. A secret. */
  readonly kubeconfig: string;
  /** Where it was found, in words; undefined where it was given. */
  readonly kubeconfigFrom?: string | undefined;
  /** Name of the context; empty means the kubeconfig's current one. */
  readonly context: string;
  /** Uid of the namespace kube-system of the cluster that is meant; undefined takes whichever it is. */
  readonly expectCluster: string | undefined;
  /** Whether a changing phase may go where the API server can't be proved to be itself. */
  readonly allowInsecureTls: boolean;
  /** Default `istio-system`. */
  readonly istioNamespace: string;
  /** Target version, such as `1.31.0`; undefined where the phase may take it from the record (promote, rollback). */
  readonly version: string | undefined;
  /** In a precheck: what is wanted instead of a whole version, such as the newest patch of 1.31. */
  readonly wanted: WantedVersion | undefined;
  /** Target revision; given, or derived from `version`; undefined where both are absent. */
  readonly revision: string | undefined;
  /** Whether the target revision was given. */
  readonly revisionGiven?: true;
  readonly canaryNamespaces: NamespaceSelection;
  /** The revision tag that canary moves; undefined moves none. */
  readonly canaryTag: string | undefined;
  /** Revision tags that promote moves or makes, beside those that lead to the old control plane. */
  readonly stableTags: readonly string[];
  /** Whether namespaces that name the old revision are to follow the stable tag after promote. */
  readonly adoptTags: boolean;
  /** What may stay on the revision where it is. */
  readonly stragglers: StragglerSelection;
  /** Paths of IstioOperator files, absolute, each seen to be readable. */
  readonly config: readonly string[];
  /** The same of gateways that were installed by themselves; none where they are those of `config` and `set`. */
  readonly gatewayConfig: readonly string[];
  /** `--set` values, `path=value`. May hold secrets: never shown. */
  readonly set: readonly string[];
  /** Absolute path of the target's istioctl, or undefined to download it. */
  readonly istioctl: string | undefined;
  /** Absolute path of the current version's istioctl, or undefined to download it. */
  readonly previousIstioctl: string | undefined;
  /** Sha256, in hex, of the target's istioctl: of the archive that is downloaded, or of the program at the path given. */
  readonly istioctlSha256: string | undefined;
  /** The same of the current version's. */
  readonly previousIstioctlSha256: string | undefined;
  /** Where istioctl is downloaded from: `<base>/<version>/istioctl-<version>-<os>-<arch>.tar.gz` and `.sha256`. */
  readonly istioctlBaseUrl: string;
  /** In place: whether the target may be older than what runs. */
  readonly allowDowngrade: boolean;
  /** Keys of configuration that may be lost, and what else is named to be accepted knowingly. */
  readonly acknowledge: readonly string[];
  readonly removeOld: boolean;
  /** How long both control planes stand side by side before the old one may be removed, in milliseconds. */
  readonly removeOldAfterMs: number;
  /** How many workloads are restarted at once; undefined: by how many there are. */
  readonly maxParallel: number | undefined;
  /** How long promote and rollback wait for templates that Git or Helm keeps, in milliseconds. */
  readonly waitForOwnersMs: number;
  /** Budget of the whole run, in milliseconds. */
  readonly timeoutMs: number;
  readonly dryRun: boolean;
}

/** The namespaces of the canary: all those named plus all those that a selector matches. */
export interface NamespaceSelection {
  readonly names: readonly string[];
  /** Label selectors as Kubernetes writes them, such as `team=blue,tier in (web, api)`. */
  readonly selectors: readonly string[];
}

/** Where paths and programs are looked for, and what the run was started by. */
export interface InputsEnvironment {
  /** Directory that relative paths start from: the workspace. */
  readonly cwd: string;
  /** `PATH` and `GITHUB_EVENT_NAME` are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads and checks all inputs.
 *
 * @param read gives an input's text by its name in action.yml, trimmed, with its default applied
 * @throws InputError with all that is wrong, not only the first of it
 */
export function parseInputs(
  read: (name: string) => string,
  { cwd, env }: InputsEnvironment = { cwd: process.cwd(), env: process.env },
): Inputs {
  const problems: InputProblem[] = [];
  const known: string[] = [];
  const note = (input: string, { got, allowed }: Rejection): void =>
    void problems.push({ input, got, allowed });
  /** Reads one input, notes what is wrong with it, and goes on: what is returned then is never used. */
  const take = <T>(name: string, parse: (text: string) => T): T => {
    known.push(name);
    try {
      return parse(read(name));
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      note(name, error);
      return undefined as T;
    }
  };
  const program = (text: string): string => readProgram(text, cwd, env.PATH ?? '');

  const refusedEvent = rejectEvent(env.GITHUB_EVENT_NAME);
  if (refusedEvent !== undefined) note('the event of the workflow', refusedEvent);
  const phase = take('phase', oneOf(PHASES));
  const strategy = take('strategy', oneOf(STRATEGIES));
  const found = take('kubeconfig', (text) => kubeconfigOf(text, { cwd, env }));
  const context = take('context', readContext);
  const expectCluster = take('expect-cluster', optional(readClusterId));
  const allowInsecureTls = take('allow-insecure-tls', readBoolean);
  const istioNamespace = take('istio-namespace', readNamespace);
  const target = take<Pick<Inputs, 'version' | 'wanted'> | undefined>('version', versionFor(phase));
  const version = target?.version;
  const inPlace = strategy === 'in-place';
  const named = take('revision', revisionFor(inPlace, version));
  const canaryTag = take('canary-tag', besideOnly(inPlace, optional(readTag)));
  const stableTags = take('stable-tags', besideOnly(inPlace, readTags));
  const adoptTags = take('adopt-tags', besideOnly(inPlace, readAdoptTags(stableTags)));
  const canaryNamespaces = take('canary-namespaces', namespacesFor(phase, canaryTag));
  const stragglers = take('allow-stragglers', stragglersFor(inPlace));
  // Only these phases install what is in them: a rollback is not to wait for a file that it does not look at.
  const begins = phase === 'precheck' || phase === 'canary';
  const config = take('config', (text) =>
    begins || inPlace ? readConfigurations(text, cwd, begins) : readFiles(text, cwd),
  );
  const gatewayConfig = take(
    'gateway-config',
    besideOnly(inPlace, (text) => readConfigurations(text, cwd)),
  );
  const gateways = take('gateways', (text) => {
    const word = readAlong(inPlace, GATEWAYS)(text);
    rejectOwnFiles({ gateways: word }, gatewayConfig);
    return word;
  });
  const cni = take('cni', readAlong(inPlace, CNI));
  const set = take('set', readSet);
  const istioctl = take('istioctl', optional(program));
  const previousIstioctl = take('previous-istioctl', optional(program));
  const istioctlSha256 = take('istioctl-sha256', optional(readSha256));
  const previousIstioctlSha256 = take('previous-istioctl-sha256', optional(readSha256));
  const istioctlBaseUrl = take('istioctl-base-url', readBaseUrl);
  const allowDowngrade = take('allow-downgrade', inPlaceOnly(inPlace, readBoolean));
  const acknowledge = take('acknowledge', readAcknowledged);
  const removeOld = take('remove-old', besideOnly(inPlace, readBoolean));
  const removeOldAfterMs = take('remove-old-after', parseWait);
  const maxParallel = take('max-parallel', optional(readParallel));
  const waitForOwnersMs = take('wait-for-owners', parseWait);
  const timeoutMs = take('timeout', parseDuration);
  const dryRun = take('dry-run', readBoolean);

  problems.push(...misspeltInputs(env, known, read));
  if (problems.length > 0) throw new InputError(problems);
  return {
    phase,
    strategy,
    kubeconfig: found.text,
    kubeconfigFrom: found.from,
    context,
    expectCluster,
    allowInsecureTls,
    istioNamespace,
    version,
    wanted: target?.wanted,
    ...named,
    canaryNamespaces,
    canaryTag,
    stableTags,
    adoptTags,
    stragglers,
    config,
    gatewayConfig,
    gateways,
    cni,
    set,
    istioctl,
    previousIstioctl,
    istioctlSha256,
    previousIstioctlSha256,
    istioctlBaseUrl,
    allowDowngrade,
    acknowledge,
    removeOld,
    removeOldAfterMs,
    maxParallel,
    waitForOwnersMs,
    timeoutMs,
    dryRun,
  };
}

/** A precheck takes a version as people write it; a phase that changes something wants to know exactly which. */
function versionFor(phase: Phase): (text: string) => Pick<Inputs, 'version' | 'wanted'> {
  return (text) => {
    const wanted = phase === 'precheck' ? readLoosely(text) : undefined;
    if (wanted !== undefined) {
      return wanted.kind === 'whole'
        ? { version: wanted.version.text, wanted: undefined }
        : { version: undefined, wanted };
    }
    if (text !== '') return { version: readVersion(text), wanted: undefined };
    if (phase !== 'precheck' && phase !== 'canary') return { version: undefined, wanted: undefined };
    throw new Rejection('nothing', `${phase} needs the version to upgrade to, such as 1.31.0.`);
  };
}

function namespacesFor(phase: Phase, canaryTag: string | undefined): (text: string) => NamespaceSelection {
  return (text) => {
    const selection = readNamespaces(text);
    const chosen = selection.names.length + selection.selectors.length > 0 || canaryTag !== undefined;
    if (phase !== 'canary' || chosen) return selection;
    throw new Rejection(
      'nothing',
      'canary needs at least one namespace to move first: names, a label selector such as team=blue, or the namespaces that follow a revision tag (canary-tag).',
    );
  };
}
