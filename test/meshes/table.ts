import { type Entry, sumOf } from './ledger.ts';
import type { Repeated } from './repeated.ts';

/** The part of docs/reliability.md about generated meshes, and about those that were repeated on the testbed. */
export function meshesTable(entries: readonly Entry[], repeated: readonly Repeated[]): string {
  const lines = [
    '## Generated meshes',
    '',
    '`npm run meshes -- --seed N --runs M` draws meshes, inputs, and others who act between the phases and in their middle; plays them on the embedded cluster (every tenth with the built `dist/`); and judges each run by an oracle that shares no code with `src/` ([how](how-we-know.md#generated-meshes-testmeshes)). A story that breaks a rule shrinks to the smallest that still does, and is printed.',
    '',
  ];
  if (entries.length === 0) return [...lines, 'Not recorded yet.', ''].join('\n');
  const total = entries.reduce((sum, { stories }) => sum + stories, 0);
  return [
    ...lines,
    '| Seed | Build | Stories | Rules broken, in how many stories |',
    '| --- | --- | --- | --- |',
    ...entries.map(
      (entry) =>
        `| ${String(entry.seed)} | \`${entry.build}\` | ${String(entry.stories)} | ${verdict(entry)} |`,
    ),
    '',
    ...repeatedLines(repeated),
    `What was in these ${String(total)} stories:`,
    '',
    '| | Stories with it |',
    '| --- | --- |',
    ...Object.entries(sumOf(entries.map(({ ingredients }) => ingredients))).map(
      ([name, count]) => `| ${name} | ${String(count)} |`,
    ),
    '',
  ].join('\n');
}

function verdict({ violations, unplayed, note }: Entry): string {
  const counts = said(unplayed === 0 ? violations : { ...violations, 'could not be played': unplayed });
  return note === undefined ? counts || 'none' : `${counts}. ${note}`;
}

/** A row for each build and seed. */
function repeatedLines(repeated: readonly Repeated[]): string[] {
  if (repeated.length === 0) return [];
  const groups = Object.entries(
    Object.groupBy(repeated, ({ build, seed }) => `| ${String(seed)} | \`${build}\` |`),
  );
  return [
    'Repeated on the testbed (`npm run meshes:testbed`): did every run end as on the embedded cluster?',
    '',
    '| Seed | Build | Stories | The same | Notes |',
    '| --- | --- | --- | --- | --- |',
    ...groups.map(([of, stories = []]) => {
      const same = stories.filter((one) => one.same).length;
      const notes = stories.flatMap(({ index, note }) =>
        note === undefined ? [] : `${String(index)}: ${note}`,
      );
      return `${of} ${String(stories.length)} | ${String(same)} | ${notes.join('. ')} |`;
    }),
    '',
  ];
}

function said(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}: ${String(count)}`)
    .join(', ');
}
