/**
 * The first of some names in words, and how many there are beside: `a, b and 3 more`.
 *
 * @param most so many are named, one at least
 * @param and what stands before how many there are beside
 */
export function firstOf(names: readonly string[], most: number, and = ' and '): string {
  const more = names.length - most;
  return `${names.slice(0, most).join(', ')}${more > 0 ? `${and}${String(more)} more` : ''}`;
}
