import { type Entry, sumOf } from './ledger.ts';

/** The part of docs/reliability.md about generated meshes. */
export function meshesTable(entries: readonly Entry[]): string {
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
      ({ seed, build, stories, violations }) =>
        `| ${String(seed)} | \`${build}\` | ${String(stories)} | ${said(violations) || 'none'} |`,
    ),
    '',
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

function said(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}: ${String(count)}`)
    .join(', ');
}
