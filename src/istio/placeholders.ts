/**
 * What people and templates leave to be filled in: `${CLUSTER}`, `{{ .Values.x }}`, `<CHANGE_ME>`, `@HUB@`, `__TAG__`,
 * `#{Env}#`, `[[ x ]]` and the plain words. Access log formats (`%REQ(X)%`) and Kubernetes' own `$(POD_NAME)` are none.
 */
const PLACEHOLDER =
  /\$\{[^{}\s]+\}|\{\{.*?(?:\}\}|$)|<[A-Z][A-Z0-9_ -]+>|@[A-Z][A-Z0-9_]+@|__[A-Z][A-Z0-9_]*?__|#\{[\w.-]+\}#?|\[\[ .*? \]\]|\b(?:CHANGE_?ME|REPLACE_?ME)\b/gm;
/** A value that is nothing but a description of itself: `<your-cluster-name>`. */
const WHOLE = /^<[^<>\n]+>$/;

/** A value, and the keys that lead to it: `spec.meshConfig.trustDomain`. */
export interface Valued {
  readonly path: string;
  readonly value: string;
}

/** Helm's own words: nobody else fills them in. */
const OF_HELM = /^\{\{-?\s*(?:\.(?:Values|Release|Chart)\b|(?:include|toYaml|tpl)\s)/;
const COMMAND = /(?:^|[.[\]])(?:command|args)(?:[.[\]]|$)/;
const ANNOTATIONS = /annotations/i;

/** The placeholders in a text, each once (F07). */
export function placeholdersIn(text: string): string[] {
  const whole = text.trim();
  return WHOLE.test(whole) ? [whole] : [...new Set(text.match(PLACEHOLDER) ?? [])];
}

/**
 * Whether a placeholder in a value may be meant as it stands: a shell's variable in a command or in a text of several lines
 * (SPIRE's wait for its socket), a template in an annotation (Vault's agent fills it in).
 */
export function mayBeMeant(placeholder: string, { path, value }: Valued): boolean {
  if (OF_HELM.test(placeholder)) return false;
  return (
    value.trim().includes('\n') ||
    COMMAND.test(path) ||
    (ANNOTATIONS.test(path) && placeholder.startsWith('{{'))
  );
}

/** The texts in a value, wherever they are in it. */
export function textsIn(value: unknown, path = ''): Valued[] {
  if (typeof value === 'string') return [{ path, value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) =>
    textsIn(below, path === '' ? key : `${path}.${key}`),
  );
}
