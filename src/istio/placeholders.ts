/**
 * What people and templates leave to be filled in: `${CLUSTER}`, `{{ .Values.x }}`, `<CHANGE_ME>`, `@HUB@`, `__TAG__`,
 * `#{Env}#`, `[[ x ]]` and the plain words. Access log formats (`%REQ(X)%`) and Kubernetes' own `$(POD_NAME)` are none.
 */
const PLACEHOLDER =
  /\$\{[^{}\s]+\}|\{\{.*?(?:\}\}|$)|<[A-Z][A-Z0-9_ -]+>|@[A-Z][A-Z0-9_]+@|__[A-Z][A-Z0-9_]*?__|#\{[\w.-]+\}#?|\[\[ .*? \]\]|\b(?:CHANGE_?ME|REPLACE_?ME)\b/gm;
/** A value that is nothing but a description of itself: `<your-cluster-name>`. */
const WHOLE = /^<[^<>\n]+>$/;

/** The placeholders in a text, each once (F07). */
export function placeholdersIn(text: string): string[] {
  const whole = text.trim();
  return WHOLE.test(whole) ? [whole] : [...new Set(text.match(PLACEHOLDER) ?? [])];
}
