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

/** The client's own version, without a cluster. */
export function clientVersionArgs(): string[] {
  return ['version', '--remote=false', '-o', 'json'];
}

/** The versions of the istiods of a revision, and of the proxies that are connected to them. */
export function meshVersionArgs(target: Target, dialect: Dialect, revision: string): string[] {
  return [
    ...['version', '-o', 'json', '--revision', revision],
    ...inNamespace(target),
    ...access(target, dialect),
  ];
}

/** No threshold: with one, a mere warning ends in silence and exit code 1 (T19). */
export function precheckArgs(target: Target, dialect: Dialect): string[] {
  return ['x', 'precheck', '-o', 'json', ...inNamespace(target), ...access(target, dialect)];
}

/** Renders without a cluster. */
export function manifestGenerateArgs(target: Target, revision: string, files: readonly string[]): string[] {
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
): string[] {
  const readiness = ['--readiness-timeout', `${Math.ceil(readinessTimeoutMs / 1000)}s`];
  return [
    'install',
    ...configuration(target, revision, files),
    ...readiness,
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
): string[] {
  const confirm = mode === 'dry-run' ? '--dry-run' : '-y';
  const flags = ['--revision', revision, ...namespaceValue(target), confirm];
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
): string[] {
  const all = injectsAll ? ['--auto-inject-namespaces'] : [];
  const flags = ['--revision', revision, '--overwrite', ...all, ...dialect.confirmTag];
  return [...dialect.tag, 'set', tag, ...flags, ...inNamespace(target), ...access(target, dialect)];
}

/** `-y`, as it asks where namespaces follow the tag, and ends with 0 after a "no" (recording tag-remove-in-use-stdin-null). */
export function removeTagArgs(target: Target, dialect: Dialect, tag: string): string[] {
  const flags = [...inNamespace(target), ...access(target, dialect)];
  return [...dialect.tag, 'remove', tag, '-y', ...flags];
}

/** Reads one list and needs no istiod; exists in all supported versions (Istio's istioctl/cmd/tag.go). */
export function listTagsArgs(target: Target, dialect: Dialect): string[] {
  return [...dialect.tag, 'list', ...inNamespace(target), ...access(target, dialect)];
}

/** Always by revision: without it only the default revision is seen, or it hangs for ever (T07, T10). */
export function proxyStatusArgs(target: Target, dialect: Dialect, revision: string): string[] {
  const flags = ['--revision', revision, ...dialect.proxyStatus];
  return ['proxy-status', ...flags, ...inNamespace(target), ...access(target, dialect)];
}

function configuration(target: Target, revision: string, files: readonly string[]): string[] {
  const from = files.flatMap((file) => ['-f', csvField(file)]);
  // The control plane without a revision is installed by not naming one; only uninstall and tags call it `default`.
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

/**
 * Since 1.24, our oldest, istioctl overwrites the `as` of a kubeconfig by its flags, also where none is given (Istio's
 * istioctl/pkg/cli/context.go; Istio's pull request 52801): without them it would act as the user behind (K02).
 */
function acting(actsAs: ActsAs | undefined): string[] {
  if (actsAs === undefined) return [];
  const { user, uid, groups } = actsAs;
  return [
    `--as=${user}`,
    ...(uid === '' ? [] : [`--as-uid=${uid}`]),
    ...groups.map((group) => `--as-group=${group}`),
  ];
}

function access({ kubeconfigPath, context, actsAs }: Target, { requestTimeout }: Dialect): string[] {
  const chosen = context === '' ? [] : ['--context', context];
  return ['--kubeconfig', kubeconfigPath, ...chosen, ...acting(actsAs), ...requestTimeout];
}

/** istioctl reads `-f` as a line of CSV, so that a comma in a path would make two of it. */
function csvField(path: string): string {
  return /[",\n\r]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path;
}
