import { describe, expect, test } from '@jest/globals';
import type { Finding, Severity } from '../../../src/finding.ts';
import type { Phase } from '../../../src/outcome.ts';
import { findingsTable, severities } from '../../../src/report/findings-table.ts';
import { namespacesTable } from '../../../src/report/namespaces-table.ts';
import type { NamespaceReport } from '../../../src/report/report.ts';
import { emptyReport } from './reports.ts';

const ROOM = 100_000;

/** What is seen at once, and the title of what is folded. */
function seen(markdown: string): { rows: string[]; fold: string | undefined } {
  const [open = '', folded] = markdown.replaceAll('\u00A0', ' ').split('<details><summary>');
  const rows = open.split('\n').filter((line) => line.startsWith('| '));
  return { rows: rows.slice(2), fold: folded?.split('</summary>')[0] };
}

function findings(count: number, id: string, severity: Severity): Finding[] {
  return Array.from({ length: count }, (_, n) => ({ id, severity, message: `message ${n}` }));
}

describe('findings', () => {
  test('errors first; of each id some at once, the others and the infos folded', () => {
    const all = [
      ...findings(2, 'c', 'info'),
      ...findings(5, 'b', 'warning'),
      ...findings(4, 'a', 'error'),
      ...findings(1, 'd', 'error'),
    ];
    expect(severities(all)).toBe('5 errors, 5 warnings, 2 for the record');
    const { rows, fold } = seen(findingsTable(all, ROOM));
    expect(rows).toEqual([
      ...[0, 1, 2].map((n) => `| ❌ error | message ${n}<br>\`a\` |`),
      '| ❌ error | message 0<br>`d` |',
      ...[0, 1, 2].map((n) => `| ⚠️ warning | message ${n}<br>\`b\` |`),
    ]);
    expect(fold).toBe('More: 1 × ❌ a, 2 × ⚠️ b, 2 × ℹ️ c');
  });

  test('not more than twenty rows at once; what is left out is counted, and there', () => {
    const all = Array.from({ length: 30 }, (_, n) => findings(1, `id-${n}`, 'error')).flat();
    const text = findingsTable(all, ROOM);
    expect(seen(text).rows).toHaveLength(20);
    expect(seen(text).fold).toMatch(/^More: (1 × ❌ id-2\d, ){6}…$/);
    expect(text.match(/`id-\d+`/g)).toHaveLength(30);
  });

  test('the object, the remedy and the id are in the row', () => {
    const finding = {
      id: 'a',
      severity: 'error',
      message: 'm',
      object: 'Pod x/y',
      remedy: 'Do `z`.',
    } as const;
    expect(seen(findingsTable([finding], ROOM)).rows).toEqual([
      '| ❌ error | `Pod x/y`: m<br>👉 Do `z`.<br>`a` |',
    ]);
  });

  test('a very long message is cut, and says so', () => {
    const [row] = seen(findingsTable([{ id: 'a', severity: 'error', message: 'x'.repeat(900) }], ROOM)).rows;
    expect(row).toContain(`${'x'.repeat(600)}… (300 characters more)`);
  });
});

describe('namespaces', () => {
  const at = (
    namespace: string,
    current: number,
    target: number,
    other = 0,
    notInSync = 0,
  ): NamespaceReport => ({
    namespace,
    current,
    target,
    other,
    notInSync,
  });
  const table = (phase: Phase, namespaces: NamespaceReport[]) =>
    seen(namespacesTable(emptyReport({ phase, namespaces }), ROOM));

  const MIX = [
    at('a', 4, 0),
    at('b', 0, 3),
    at('c', 2, 2),
    at('d', 0, 4, 0, 1),
    at('e', 1, 0, 2),
    at('f', 0, 0),
  ];

  test.each<[Phase, string[]]>([
    ['canary', ['d', 'e', 'c', 'b', 'a', 'f']],
    ['promote', ['d', 'e', 'c', 'a', 'b', 'f']],
    ['rollback', ['d', 'e', 'c', 'b', 'a', 'f']],
  ])('%s: the worst first, then what has not come to rest', (phase, order) => {
    const { rows, fold } = table(phase, MIX);
    expect(rows.slice(1).map((row) => /`(.)`/.exec(row)?.[1])).toEqual(order);
    expect(fold).toBeUndefined();
  });

  test('each says in words where it stands, and all of them together', () => {
    expect(table('canary', MIX).rows).toEqual([
      '| **All** | ❌ not in sync | 7 | 9 | 2 | 1 |',
      '| `d` | ❌ not in sync | 0 | 4 | 0 | 1 |',
      '| `e` | ⚠️ elsewhere | 1 | 0 | 2 | – |',
      '| `c` | 🔀 in part | 2 | 2 | 0 | 0 |',
      '| `b` | ✅ on target | 0 | 3 | 0 | 0 |',
      '| `a` | ⬜ on current | 4 | 0 | 0 | – |',
      '| `f` | ⬜ no proxies | 0 | 0 | 0 | – |',
    ]);
  });

  test('where it was not asked, no number is given', () => {
    const { namespace, current, target, other } = at('a', 0, 3);
    expect(table('canary', [{ namespace, current, target, other }]).rows).toEqual([
      '| `a` | ✅ on target | 0 | 3 | not seen |',
    ]);
  });

  test('of a large mesh only what needs a look is seen at once', () => {
    const many = Array.from({ length: 100 }, (_, n) => at(`n-${n}`, n < 3 ? 0 : 4, n < 3 ? 4 : 0));
    const { rows, fold } = table('canary', many);
    expect(rows.map((row) => row.split(' | ')[0])).toEqual(['| **All**', '| `n-0`', '| `n-1`', '| `n-2`']);
    expect(fold).toBe('More: 97 × ⬜ on current');
    const promoted = table('promote', many);
    expect(promoted.rows).toHaveLength(21);
    expect(promoted.fold).toBe('More: 77 × ⬜ on current, 3 × ✅ on target');
  });
});
