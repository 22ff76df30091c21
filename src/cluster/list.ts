/**
 * Whether an answer is a list as Kubernetes writes it: its kind ends so, and its items are an array, or null or absent
 * where Go had none to write. Whatever stands before the API server can answer 200 and JSON, too, and without this that
 * would be a cluster with nothing in it.
 */
export function isList(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false;
  const { kind, items } = answer as { readonly kind?: unknown; readonly items?: unknown };
  const listed = items === undefined || items === null || Array.isArray(items);
  return typeof kind === 'string' && kind.endsWith('List') && listed;
}
