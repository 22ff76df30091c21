/**
 * The candidate that was most likely meant by a word; undefined where none is near: more than a third of its letters
 * would have to change. Capitals, blanks and `_` for `-` are no difference.
 */
export function nearest<T extends string>(word: string, candidates: readonly T[]): T | undefined {
  const plain = normal(word.slice(0, 60));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distanceOf(plain, normal(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined &&
    best.distance <= Math.max(1, Math.floor(best.candidate.length / 3)) &&
    plain !== ''
    ? best.candidate
    : undefined;
}

/** `Did you mean canary?`, with a blank before it, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? '' : ` Did you mean ${meant}?`;
}

function normal(word: string): string {
  return word.trim().toLowerCase().replaceAll(/[_ ]/g, '-');
}

/** Letters to insert, delete or replace, two neighbours that changed places counting once. */
export function distanceOf(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const change = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          (row[j - 1] ?? Infinity) + 1,
          change,
          swapped ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(a.length, b.length);
}
