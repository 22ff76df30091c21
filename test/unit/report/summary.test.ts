import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { marked, type Token, type Tokens } from 'marked';
import { SUMMARY_BYTES, bytes } from '../../../src/report/budget.ts';
import { formatDuration } from '../../../src/report/duration.ts';
import type { Report } from '../../../src/report/report.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { githubHtml } from '../../../scripts/summary-page.ts';
import { hostile } from './hostile.ts';
import { emptyReport, fullReport } from './reports.ts';

/** The cells of all tables, without those in details: what is seen at once. */
function tables(markdown: string): string[][][] {
  return marked
    .lexer(markdown.replace(/<details>.*?<\/details>/gs, ''))
    .filter((token): token is Tokens.Table => token.type === 'table')
    .map(({ rows }) => rows.map((row) => row.map((cell) => cell.text.replaceAll('\u00A0', ' '))));
}

/** Its structure: every token's type, in order. */
function structure(markdown: string): string[] {
  const found: Token[] = [];
  void marked.walkTokens(marked.lexer(markdown), (token) => void found.push(token));
  return found
    .map(({ type }) => type)
    .filter((type) => !['text', 'escape', 'codespan', 'space'].includes(type));
}

/** Names of the elements that are in no other, in order. */
function outermost(html: string): string[] {
  const open: string[] = [];
  const found: string[] = [];
  for (const [, end, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
    if (name === 'br') continue;
    if (end === '/') {
      expect(open.pop()).toBe(name);
      continue;
    }
    if (open.length === 0) found.push(name);
    open.push(name);
  }
  expect(open).toEqual([]);
  return found;
}

test('a failed canary says what happened, where, what is next, and shows the evidence', () => {
  const summary = renderSummary(fullReport());
  expect(summary).toMatchSnapshot();
  const [findings, dataPlane, steps] = tables(summary);
  expect(findings?.map(([severity]) => severity)).toEqual(['❌ error', '⚠️ warning']);
  expect(dataPlane).toEqual([
    ['**All**', '⚠️ elsewhere', '6', '2', '1', 'not seen'],
    ['`pay`', '⚠️ elsewhere', '5', '0', '1', '–'],
    ['`shop`', '🔀 in part', '1', '2', '0', '0'],
  ]);
  expect(steps?.map(([status]) => status)).toEqual(['✅ done', '❌ failed', '⬜ not run']);
});

test('what to decide comes before the evidence, and that in the order in which it is asked for', () => {
  const summary = renderSummary(fullReport());
  const places = [
    '## ',
    '> [!CAUTION]',
    '### Findings',
    '### Data plane',
    '### Steps',
    '### What was changed',
    '### Notes',
  ];
  const order = places.map((text) => summary.indexOf(text));
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test('steps that all went well are folded', () => {
  const steps = fullReport().steps.map((step) => ({
    ...step,
    status: 'succeeded' as const,
    durationMs: 20_000,
  }));
  const summary = renderSummary(emptyReport({ outcome: 'succeeded', steps }));
  expect(summary).toContain('<details><summary>3 × ✅\u00A0done, in 1 min</summary>');
  expect(tables(summary)).toEqual([]);
});

test('a dry run says plainly that nothing was changed, and lists what would be by step', () => {
  const summary = renderSummary(fullReport({ dryRun: true, outcome: 'succeeded' }));
  expect(summary).toContain('## ✅ Istio canary (dry run): succeeded');
  expect(summary).toContain('**This was a dry run: nothing was changed.**');
  expect(summary).toContain('### What would change');
  expect(summary).toContain('<summary>Install the control plane 1-31-0 (2)</summary>');
  expect(summary).not.toContain('What was changed');
});

test('a dry run of finished work says that nothing would change', () => {
  expect(renderSummary(emptyReport({ dryRun: true }))).toContain(
    'Nothing: all is as this phase would leave it.',
  );
});

test('a run that goes on, with nothing seen yet, has a summary too', () => {
  expect(renderSummary(emptyReport({ headline: 'Connecting.' }))).toBe(
    [
      '## ⏳ Istio precheck: running',
      'Connecting.',
      '> [!NOTE]\n> ⏳ **Not yet.** The run goes on.',
      '<details><summary>This run</summary>',
      '- Started 2026-11-23T03:00:00.000Z',
      '</details>\n',
    ].join('\n\n'),
  );
});

test('what a step that did not run would have changed is not told as changed', () => {
  const [install, restart, verify] = fullReport().steps;
  const steps = [install!, restart!, { ...verify!, changes: ['relabel Namespace pay'] }];
  expect(renderSummary(fullReport({ steps }))).not.toContain('relabel Namespace pay');
  expect(renderSummary(fullReport({ steps }))).toContain('(1, not all of it done)');
  expect(renderSummary(fullReport({ steps, dryRun: true }))).toContain('relabel Namespace pay');
});

describe('size', () => {
  const long = '<&🙂@|`'.repeat(400);
  const many = <T>(count: number, item: (n: number) => T): T[] =>
    Array.from({ length: count }, (_, n) => item(n));
  const huge: Partial<Report> = {
    headline: long,
    next: long,
    rollback: { ready: false, how: long },
    steps: many(300, (n) => ({
      id: `${n}`,
      title: long,
      status: 'succeeded',
      detail: long,
      changes: many(200, () => long),
    })),
    findings: many(3000, () => ({ id: long, severity: 'error', message: long, object: long, remedy: long })),
    namespaces: many(3000, () => ({ namespace: long, current: 1, target: 1, other: 1 })),
    notes: many(500, () => long),
  };

  test('is less than GitHub takes, by bytes, and says what is left out', () => {
    const summary = renderSummary(fullReport(huge));
    expect(bytes(summary)).toBeLessThan(SUMMARY_BYTES);
    // Every section is still there: the budgets hold, and not the last resort.
    expect(summary.match(/^### .*/gm)).toEqual([
      '### Findings: 3000 errors',
      '### Data plane',
      '### Steps',
      '### What was changed',
      '### Notes',
    ]);
    expect(summary.match(/… and \d+ more (steps )?in the report file/g)?.length).toBeGreaterThan(4);
  });

  test('of 10,000 findings and 1,000 namespaces GitHub shows a page that is whole', async () => {
    const summary = renderSummary(
      fullReport({
        findings: many(10_000, (n) => ({
          id: 'workload-not-ready',
          severity: 'warning' as const,
          object: `Deployment team-${n}/app-${n}`,
          message: '1 of 3 pods is not ready.',
          remedy: 'Look at its pods: `kubectl describe pod`.',
        })),
        namespaces: many(1000, (n) => ({ namespace: `team-${n}`, current: 3, target: n % 2, other: 0 })),
      }),
    );
    expect(bytes(summary)).toBeLessThan(SUMMARY_BYTES);
    expect(summary.match(/workload-not-ready/g)?.length).toBeGreaterThan(1500);
    expect(summary.match(/`team-\d+`/g)).toHaveLength(1000);
    expect(summary).toMatch(/… and \d{4} more in the report file\.\n\n<\/details>/);

    // Nothing that was cut is left open: all that follows is still outside of it.
    expect(outermost(await githubHtml(summary)).join(' ')).toBe(
      'h2 p p div h3 table details h3 table details h3 table h3 details details h3 ul details',
    );
  }, 120_000);
});

/** A report with a text everywhere that takes one. */
function pageOf(text: string): Report {
  return {
    ...fullReport(),
    headline: text,
    next: text,
    attempt: text,
    cluster: { context: text, server: text, user: text, kubernetes: text },
    from: { revision: text, version: text },
    to: { revision: text, version: text },
    rollback: { ready: false, how: text },
    notes: [text],
    findings: (['error', 'info'] as const).map((severity) => ({
      id: text,
      severity,
      message: text,
      object: text,
      remedy: text,
    })),
    namespaces: [{ namespace: text, current: 1, target: 2, other: 3, notInSync: 4 }],
    steps: [{ id: text, title: text, status: 'failed', detail: text, changes: [text], durationMs: 1 }],
  };
}

test('hostile text anywhere leaves the structure of the page as it is', () => {
  const page = (text: string): string => renderSummary(pageOf(text));
  // The word on both sides keeps a text that is nothing but blanks from being left out, which is right but different.
  const expected = structure(page('word'));
  fc.assert(
    fc.property(hostile, (text) => {
      expect(structure(page(`word ${text} word`))).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('hostile text anywhere makes no element more or less where GitHub renders it', async () => {
  const elements = async (text: string): Promise<string[]> => {
    const html = await githubHtml(renderSummary(pageOf(text)));
    expect(outermost(html)).toEqual([
      'h2',
      ...['p', 'p', 'div'],
      ...['h3', 'table', 'details', 'h3', 'table', 'h3', 'table', 'h3', 'details', 'h3', 'ul', 'details'],
    ]);
    // A text may make code of itself with backticks, in which nothing means anything.
    const names = [...html.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, name = '']) => name);
    return names.filter((name) => name !== 'code');
  };
  const expected = await elements('word');
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      expect(await elements(`word ${text} word`)).toEqual(expected);
    }),
    { numRuns: 150 },
  );
}, 60_000);

test.each([
  [40, '0.0 s'],
  [9_940, '9.9 s'],
  [41_200, '41 s'],
  [59_600, '1 min'],
  [305_000, '5 min 5 s'],
  [3_599_900, '1 h'],
  [7_500_000, '2 h 5 min'],
])('%i ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
