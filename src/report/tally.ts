/** How many there are of each kind, in the order in which they first occur, and not more than so many kinds: `97 × a, 2 × b, …`. */
export function tally<T>(items: readonly T[], kind: (item: T) => string, kinds: number): string {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(kind(item), (counts.get(kind(item)) ?? 0) + 1);
  const parts = [...counts].map(([name, count]) => `${count} × ${name}`);
  return [...parts.slice(0, kinds), ...(parts.length > kinds ? ['…'] : [])].join(', ');
}
