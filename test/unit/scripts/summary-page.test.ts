import { expect, test } from '@jest/globals';
import { githubHtml, summaryPage } from '../../../scripts/summary-page.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { fullReport } from '../report/reports.ts';

test('what GitHub renders is rendered: tables, alerts, folds, and Markdown inside them', async () => {
  const html = await githubHtml(
    '> [!WARNING]\n> Look *here*.\n\n| a |\n| --- |\n| `b` |\n\n<details><summary>c</summary>\n\n- d\n\n</details>',
  );
  expect(html).toMatch(/class="markdown-alert markdown-alert-warning".*<em>here<\/em>/s);
  expect(html).toContain('<td><code>b</code></td>');
  expect(html).toMatch(/<details><summary>c<\/summary>\s*<ul>\s*<li>d<\/li>\s*<\/ul>\s*<\/details>/);
});

test('what GitHub takes out is taken out', async () => {
  const html = await githubHtml(
    '<script>a()</script><style>b{}</style><iframe src="https://x"></iframe><p onclick="c()" style="d:e" id="f">g</p>' +
      '<a href="javascript:h()">i</a>',
  );
  expect(html).not.toMatch(/script|style|iframe|onclick|id="f"/);
  expect(html).toContain('<p id="user-content-f">g</p>');
});

test('a page has each summary rendered and its Markdown as text, and asks for nothing else', async () => {
  const markdown = renderSummary(fullReport());
  const page = await summaryPage([
    { title: 'canary <1>', markdown },
    { title: 'promote', markdown: '<details open><summary>&lt;</summary></details>' },
  ]);
  expect(page.match(/<article id=/g)).toHaveLength(2);
  expect(page).toContain('<header>canary &lt;1&gt;</header>');
  expect(page).toContain('<nav><a href="#summary-1">canary &lt;1&gt;</a>');
  expect(page).toContain(await githubHtml(markdown));
  expect(page).toContain('&lt;details open&gt;&lt;summary&gt;&amp;lt;&lt;/summary&gt;&lt;/details&gt;');
  expect(page).not.toMatch(/<(script|link|img|iframe)|@import|url\((?!"data:)/);
  expect(page).toContain("default-src 'none'");
});

test('both themes are in the page', async () => {
  const page = await summaryPage([{ title: 'a', markdown: 'b' }]);
  expect(page).toContain('@media (prefers-color-scheme: dark)');
  expect(page).toContain('@media (prefers-color-scheme: light)');
  expect(page).not.toContain('<nav>');
});
