import type { ActsAs } from '../cluster/impersonation.ts';
import { UNREVISIONED } from '../istio/names.ts';
import type { Dialect } from '../istio/dialect.ts';
import { DEFAULT_NAMESPACE } from '../istio/revision.ts';

/** The cluster that istioctl is to talk to, and where Istio is in it. */
export interface Target {
  /** Path of an existing file; without one istioctl would fall back to whatever it finds. */
  readonly kubeconfigPath: string;
  /** Empty for the kubeconfig's current one. */
  readonly context: string;
  readonly istioNamespace: string;
  /** Whom istioctl is to be told by flags that it acts as; undefined: as the kubeconfig's user. */
  readonly actsAs?: ActsAs | undefined;
}

/** istioctl of that version has no command for it: nothing is to be run, and this is why. */
export interface Missing {
  readonly missing: string;
}

/** What istioctl is called with, or that it can't be. Never a command that its version does not know. */
export type CommandLine = readonly string[] | Missing;

/** The client's own version, without a cluster. */
export function clientVersionArgs(): string[] {
  return ['version', '--remote=false', '-o', 'json'];
}

/** The versions of the istiods of a revision, and of the proxies that are connected to them. */
export function meshVersionArgs(target: Target, dialect: Dialect, revision: string): CommandLine {
  if (!dialect.revisions) return NO_REVISIONS;
  return [
    ...['version', '-o', 'json', '--revision', revision],
    ...inNamespace(target),
    ...access(target, dialect),
  ];
}

/** No threshold: with one, a mere warning ends in silence and exit code 1 (T19). */
export function precheckArgs(target: Target, dialect: Dialect): CommandLine {
  if (dialect.precheck === undefined) return { missing: 'it has no precheck for a cluster that has Istio' };
  return [...dialect.precheck, ...inNamespace(target), ...access(target, dialect)];
}

/**
 * Renders without a cluster, and not for one: with `--cluster-specific` istioctl would ask it, with a credential, for the
 * version of Kubernetes. The flag came with 1.16 only, and what older releases render is read all the same (`newest-api.ts`).
 */
export function manifestGenerateArgs(
  target: Target,
  dialect: Dialect,
  revision: string,
  files: readonly string[],
): CommandLine {
  if (!canName(dialect, revision)) return NO_REVISIONS;
  return ['manifest', 'generate', ...configuration(target, revision, files)];
}

/** `-i` means nothing to install: it hides the flag and reads a value. */
export function installArgs(
  target: Target,
  dialect: Dialect,
  {
    revision,
    files,
    readinessTimeoutMs,
  }: { revision: string; files: readonly string[]; readinessTimeoutMs: number },
): CommandLine {
  if (!canName(dialect, revision)) return NO_REVISIONS;
  const readiness = ['--readiness-timeout', `${Math.ceil(readinessTimeoutMs / 1000)}s`];
  return [
    ...dialect.install,
    ...configuration(target, revision, files),
    ...readiness,
    ...dialect.wait,
    '-y',
    ...access(target, dialect),
  ];
}

/**
 * Always by revision, never by file or `--set revision=`: those match every revision (T15). The namespace is given
 * twice: as a value for what is deleted (recording 468-altns-uninstall-set-dry-run), as a flag for whose proxies are counted.
 */
export function uninstallArgs(
  target: Target,
  dialect: Dialect,
  revision: string,
  mode: 'dry-run' | 'delete',
): CommandLine {
  if (dialect.uninstall === undefined) return { missing: 'it has no uninstall, which came with 1.7' };
  const confirm = mode === 'dry-run' ? dialect.uninstallDryRun : ['-y'];
  if (confirm === undefined)
    return {
      missing: 'its uninstall has no dry run, which came with 1.11: it does not tell before what would go',
    };
  const flags = ['--revision', revision, ...namespaceValue(target), ...confirm];
  return [...dialect.uninstall, ...flags, ...inNamespace(target), ...access(target, dialect)];
}

/** A tag, where it is to point, and whether it is to inject namespaces without labels, too. */
export interface TagTarget {
  readonly tag: string;
  readonly revision: string;
  readonly injectsAll: boolean;
}

/** `--overwrite`, as moving a tag that exists is what it is for; a new one is made as well. */
export function setTagArgs(
  target: Target,
  dialect: Dialect,
  { tag, revision, injectsAll }: TagTarget,
): CommandLine {
  if (dialect.tag === undefined) return NO_TAGS;
  const all = injectsAll ? dialect.injectAll : [];
  if (all === undefined)
    return { missing: 'its tags never inject in namespaces without a label; that came with 1.12' };
  const flags = ['--revision', revision, '--overwrite', ...all, ...dialect.confirmTag];
  return [...dialect.tag, 'set', tag, ...flags, ...inNamespace(target), ...access(target, dialect)];
}

/** `-y`, as it asks where namespaces follow the tag, and ends with 0 after a "no" (recording tag-remove-in-use-stdin-null). */
export function removeTagArgs(target: Target, dialect: Dialect, tag: string): CommandLine {
  if (dialect.tag === undefined) return NO_TAGS;
  const flags = [...inNamespace(target), ...access(target, dialect)];
  return [...dialect.tag, 'remove', tag, '-y', ...flags];
}

/** Reads one list and needs no istiod (Istio's istioctl/cmd/tag.go). */
export function listTagsArgs(target: Target, dialect: Dialect): CommandLine {
  if (dialect.tag === undefined) return NO_TAGS;
  return [...dialect.tag, 'list', ...inNamespace(target), ...access(target, dialect)];
}

/** By revision, from 1.7 on: without it only the default revision is seen, or it hangs for ever (T07, T10). */
export function proxyStatusArgs(target: Target, dialect: Dialect, revision: string): CommandLine {
  const ofOne = dialect.proxyStatusOfOne ? ['--revision', revision] : [];
  return [
    'proxy-status',
    ...ofOne,
    ...dialect.proxyStatus,
    ...inNamespace(target),
    ...access(target, dialect),
  ];
}

const NO_REVISIONS: Missing = { missing: 'it knows no revisions, which came with 1.6' };
const NO_TAGS: Missing = { missing: 'it has no revision tags, which came with 1.10' };

function canName({ revisions }: Dialect, revision: string): boolean {
  return revisions || revision === UNREVISIONED;
}

function configuration(target: Target, revision: string, files: readonly string[]): string[] {
  const from = files.flatMap((file) => ['-f', csvField(file)]);
  // The control plane without a revision is installed by not naming one; only uninstall and tags call it `default`. A file
  // that names one all the same is outweighed by a file (`named-revision.ts`).
  const named = revision === UNREVISIONED ? [] : ['--revision', revision];
  return [...from, ...named, ...namespaceValue(target)];
}

/** No secret, so it may stand on the command line, where it outweighs the user's files. */
function namespaceValue({ istioNamespace }: Target): string[] {
  return istioNamespace === DEFAULT_NAMESPACE
    ? []
    : ['--set', `values.global.istioNamespace=${istioNamespace}`];
}

function inNamespace({ istioNamespace }: Target): string[] {
  return ['--istioNamespace', istioNamespace];
}

/** Where flags say it, they are not left away: without them it would act as the user behind (K02). */
function acting(actsAs: ActsAs | undefined, { actsByFlags }: Dialect): string[] {
  if (actsAs === undefined || !actsByFlags) return [];
  const { user, uid, groups } = actsAs;
  return [
    `--as=${user}`,
    ...(uid === '' ? [] : [`--as-uid=${uid}`]),
    ...groups.map((group) => `--as-group=${group}`),
  ];
}

function access({ kubeconfigPath, context, actsAs }: Target, dialect: Dialect): string[] {
  const chosen = context === '' ? [] : ['--context', context];
  const who = acting(actsAs, dialect);
  return ['--kubeconfig', kubeconfigPath, ...chosen, ...who, ...dialect.requestTimeout];
}

/** istioctl reads `-f` as a line of CSV, so that a comma in a path would make two of it. */
function csvField(path: string): string {
  return /[",\n\r]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path;
}
