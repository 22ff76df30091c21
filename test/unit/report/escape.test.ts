import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { marked, type Token, type Tokens } from 'marked';
import { block, code, forAnnotation, forLog, forMarkdown, prose } from '../../../src/report/escape.ts';
import { hostile } from './hostile.ts';

/** All tokens that a Markdown parser finds, with those inside them. */
function tokens(markdown: string): Token[] {
  const found: Token[] = [];
  void marked.walkTokens(marked.lexer(markdown), (token) => void found.push(token));
  return found;
}

const HARMLESS = ['table', 'text', 'escape', 'codespan', 'space', 'paragraph'];

/** Types of tokens that are more than plain text in a table. */
function markup(markdown: string): string[] {
  return tokens(markdown)
    .map(({ type }) => type)
    .filter((type) => !HARMLESS.includes(type));
}

function tableOf(cell: string): Tokens.Table {
  const [table] = marked.lexer(`| a | b |\n| --- | --- |\n| ${cell} | end |\n| last | end |`);
  return table as Tokens.Table;
}

describe.each([
  ['forMarkdown', forMarkdown],
  ['code', code],
  ['prose', prose],
])('%s', (_name, escape) => {
  test('hostile text adds no row, no cell and no markup to a table', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const table = tableOf(escape(text));
        expect(table.type).toBe('table');
        expect(table.rows.map((row) => row.length)).toEqual([2, 2]);
        expect(table.rows[0]?.[1]?.text).toBe('end');
        expect(markup(`| a | b |\n| --- | --- |\n| ${escape(text)} | end |`)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('hostile text in a sentence is one paragraph without markup', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(markup(escape(text))).toEqual([]);
        expect(
          markup(`> **Next:** ${escape(text)}`).filter((type) => type !== 'blockquote' && type !== 'strong'),
        ).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('no mention and no link is left outside code', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const plain = tokens(escape(text))
          .filter(({ type }) => type === 'text' || type === 'escape')
          .map((token) => (token as Tokens.Text).text)
          .join('');
        expect(plain).not.toMatch(/@[A-Za-z0-9]|:\/\/|www\./i);
      }),
      { numRuns: 1000 },
    );
  });
});

test('ordinary text stays readable', () => {
  expect(forMarkdown('Deployment shop/cart: 2 of 3 pods (1.31.0), not ready.')).toBe(
    'Deployment shop/cart: 2 of 3 pods (1.31.0), not ready.',
  );
  expect(prose('Run `kubectl get pods | wc -l` in <ns>, then retry.')).toBe(
    'Run `kubectl get pods \\| wc -l` in &#60;ns&#62;, then retry.',
  );
  expect(prose('`a` `b`')).toBe('`a` `b`');
  expect(code('istio/pilot@sha256:ab')).toBe('`istio/pilot@sha256:ab`');
  expect(code('a`b')).toBe('``a`b``');
  expect(code('')).toBe('');
});

test('an address can be copied; only those of our hosts are links', () => {
  const run = 'https://github.com/acme/mesh/actions/runs/1/attempts/2';
  expect(forMarkdown(`another run is at work (${run}).`)).toBe(`another run is at work (${run}).`);
  expect(prose(`See ${run}, then wait.`)).toBe(`See ${run}, then wait.`);
  for (const other of [
    'https://evil.example/github.com/',
    'https://github.com.evil.example/x',
    'https://github.com@evil.example/x',
    'http://github.com/x',
    'https://api.example:6443',
  ]) {
    expect(forMarkdown(`see ${other} now`)).toBe(`see \`${other}\` now`);
  }
});

test('a code span shows what it was given', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z`| ]{1,20}$/), (text) => {
      const shown = tableOf(code(text)).rows[0]?.[0]?.tokens ?? [];
      const line = text.replace(/ +/g, ' ').trim();
      expect(shown.map((token) => (token as Tokens.Text).text).join('')).toBe(line);
    }),
  );
});

test('a block cannot be closed from inside', () => {
  expect(block(['a', '````', '<b>'])).toBe('`````text\na\n````\n<b>\n`````');
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1 }), (lines) => {
      expect(marked.lexer(`${block(lines)}\n\nafter`).map(({ type }) => type)).toEqual([
        'code',
        'space',
        'paragraph',
      ]);
    }),
  );
});

describe('forLog', () => {
  test('no hostile text is a workflow command, or more than a line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = forLog(text);
        // As the runner looks for them: TrimStart() and `::`, or `##[` anywhere.
        expect(line.trimStart()).not.toMatch(/^::/);
        expect(line).not.toContain('##[');
        expect(line).not.toMatch(/[\r\n\u0085\u2028\u2029\p{Cc}\p{Cf}]/u);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['::set-output name=a::b', ': :set-output name=a::b'],
    ['\u00A0\t::error::x', ': :error::x'],
    ['\u001B[31m::error::x\u001B[0m', ': :error::x'],
    ['\u001B]8;;http://evil\u0007::warning::x', ': :warning::x'],
    ['\u200B::error::x', ': :error::x'],
    ['a ##[error]b', 'a ## [error]b'],
    ['#\u0000#[error]', '## [error]'],
    ['fe80::1 is not reachable', 'fe80::1 is not reachable'],
    ['one\r\ntwo\nthree', 'one two three'],
    ['x'.repeat(5000), `${'x'.repeat(4000)}… (1000 characters more)`],
  ])('%j', (text, line) => {
    expect(forLog(text)).toBe(line);
  });
});

test('an annotation keeps its lines, each harmless, and its bound', () => {
  expect(forAnnotation('a\n\n::error::b\r\nc')).toBe('a\n: :error::b\nc');
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 50 }), (lines) => {
      const text = forAnnotation(lines.join('\n'), 300);
      expect(text.length).toBeLessThanOrEqual(300);
      for (const line of text.split('\n')) expect(line).not.toMatch(/^\s*::|##\[|\p{Cc}/u);
    }),
  );
});
