import type { Finding } from '../finding.ts';
import { DIALECT_ROWS, OLDEST_DIALECT } from './dialect-rows.ts';
import { type Version, isAtLeast, tryParseVersion } from './version.ts';

/** Words and flags of a command; undefined where istioctl of that version has none. */
export type Words = readonly string[] | undefined;

/** How istioctl of one version is spoken to, and what has to be expected of it. */
export interface Dialect {
  readonly install: readonly string[];
  /** Whether a control plane may have a revision: without it, no second one can stand beside the first. */
  readonly revisions: boolean;
  /** Makes install wait until what it installed is ready; nothing where it always does. */
  readonly wait: readonly string[];
  readonly uninstall: Words;
  /** Makes uninstall tell what it would delete, and delete nothing. */
  readonly uninstallDryRun: Words;
  readonly tag: Words;
  /** Confirms a prompt of `tag set`. In 1.10 and 1.11 `-y` asks, and its absence applies (Istio's istioctl/cmd/tag.go). */
  readonly confirmTag: readonly string[];
  /** Whether `tag set` writes a tag for the Istio namespace that it is given; else for istio-system. */
  readonly tagsAnyNamespace: boolean;
  /** Makes a tag inject in namespaces without a label, too. */
  readonly injectAll: Words;
  /** The precheck that looks at a cluster with Istio in it; an older one skips all it has to check there. */
  readonly precheck: Words;
  /** What precheck then prints: JSON, or a line for each message. */
  readonly precheckFormat: 'json' | 'lines';
  /** `--kubeclient-timeout`, limit of one request to the API server; 15 s where it is not given. */
  readonly requestTimeout: readonly string[];
  /**
   * Whether flags say as whom istioctl acts. Since 1.24 they overwrite the `as` of a kubeconfig, also where none is given
   * (Istio's istioctl/pkg/cli/context.go; Istio's pull request 52801); before, the kubeconfig says it, and there is no flag.
   */
  readonly actsByFlags: boolean;
  /** What makes proxy-status tell the sync state. */
  readonly proxyStatus: readonly string[];
  /** Whether proxy-status can be asked of one revision; else it tells of all, and each istiod's name says whose it is. */
  readonly proxyStatusOfOne: boolean;
  /** What proxy-status then prints: JSON of each istiod, or a table. */
  readonly proxyStatusFormat: 'json' | 'table';
  /** Whether proxy-status speaks XDS, for which it needs a token of a service account. */
  readonly statusByXds: boolean;
  /** Whether a tag has a Service beside its webhook (Istio's release note revision-tags-as-svc). */
  readonly tagService: boolean;
  /** Whether gateways that istioctl installs say by a label which revision they are of. */
  readonly labelsGateways: boolean;
  /** The name of the configuration by which Istio's own objects are validated, for the default. */
  readonly defaultValidator: 'istiod-default-validator' | undefined;
  /**
   * When an install takes the default tag: never, as there is none; where no control plane was there before, or it
   * installs the one without a revision; only in the latter case; or where nobody has it, or in the latter case.
   */
  readonly takesDefault: 'never' | 'first' | 'unrevisioned' | 'vacant';
  /**
   * Whether an install without a revision deletes the webhook of the default tag before it installs anything, and makes it again
   * at its end (Istio's operator/cmd/mesh/install.go, `DeleteTagWebhooks`).
   */
  readonly dropsDefaultFirst: boolean;
  /** Whether `install --dry-run` may write to the cluster. */
  readonly dryRunWrites: boolean;
  /** What an uninstall takes beside what istioctl installed for the revision. */
  readonly uninstallTakes: readonly ('shared objects' | 'tags' | 'objects of Helm')[];
  /** Whether an uninstall of a revision that is not there is an error, and not silence and exit code 0. */
  readonly missingRevisionFails: boolean;
  /** Whether a query without a revision is answered for the default alone, so that a canary stays unseen. */
  readonly asksDefaultAlone: boolean;
  /** Whether what it installs, and the pods that its injector makes, say which revision they are of; before there was but one. */
  readonly recordsRevision: boolean;
  /** How a sidecar is told where its istiod is: what one release's template says, a proxy of the other way does not read. */
  readonly proxyIsToldBy: 'arguments' | 'environment';
  /** Whether its install runs `kubectl`, which has to be on the PATH (Istio's operator/pkg/kubectlcmd). */
  readonly callsKubectl: boolean;
  /** Whether its install applies on the server; before, it reads an object and writes it whole, and leaves what it does not bring. */
  readonly appliesOnServer: boolean;
  /** What its install does with the IstioOperator `installed-state` in the Istio namespace. */
  readonly operatorObject: 'none' | 'kept' | 'taken away';
  /** Whether its install brings EnvoyFilters, by which telemetry was made. */
  readonly telemetryFilters: boolean;
}

/** The oldest minor releases that a strategy works with, as current and as target: whole upgrades were played from there on. */
export const OLDEST_SUPPORTED = { revision: '1.6', 'in-place': '1.5' } as const;

/** How istioctl of a version is spoken to. */
export function dialectOf(version: Version): Dialect {
  const rows = DIALECT_ROWS.filter(({ since }) => isAtLeast(version, since));
  return rows.reduce<Dialect>((dialect, { changes }) => ({ ...dialect, ...changes }), OLDEST_DIALECT);
}

/** The same of what may be no version, as of a control plane that is gone: then undefined. */
export function dialectOfText(version: string): Dialect | undefined {
  const parsed = tryParseVersion(version);
  return parsed === undefined ? undefined : dialectOf(parsed);
}

/** An error where the Action does not work with a version. */
export function checkSupported(
  role: 'current' | 'target',
  version: Version,
  strategy: keyof typeof OLDEST_SUPPORTED,
): Finding[] {
  const oldest = OLDEST_SUPPORTED[strategy];
  if (isAtLeast(version, oldest)) return [];
  return [
    {
      id: 'version-not-supported',
      severity: 'error',
      message: `The ${role} version is Istio ${version.text}; with strategy: ${strategy} this Action works with ${oldest} and later.`,
      remedy: `Upgrade to ${oldest} by hand first, as the documents of its release say.`,
    },
  ];
}
