import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { rehypeGithubAlerts } from 'rehype-github-alerts';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize from 'rehype-sanitize';
import rehypeStringify from 'rehype-stringify';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';

/** One summary, as the runner would be given it. */
export interface PageSummary {
  /** Plain text. */
  readonly title: string;
  readonly markdown: string;
}

/**
 * In GitHub's order: Markdown with HTML in it becomes one tree, the tree is sanitised, and only then does GitHub itself
 * make alerts of quotes that begin with `[!NOTE]`. The sanitiser's default is GitHub's list of what may stay.
 */
const github = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype, { allowDangerousHtml: true })
  .use(rehypeRaw)
  .use(rehypeSanitize)
  .use(rehypeGithubAlerts, {})
  .use(rehypeStringify)
  .freeze();

/** The HTML that GitHub makes of a summary: sanitised, without a page around it. */
export async function githubHtml(markdown: string): Promise<string> {
  return String(await github.process(markdown));
}

/**
 * One HTML page that shows summaries as a run's page on GitHub does, in the theme that the reader's system asks for,
 * each with its Markdown below. It needs no other file and no network, and its policy forbids both.
 */
export async function summaryPage(summaries: readonly PageSummary[]): Promise<string> {
  const articles = await Promise.all(summaries.map(article));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Job summaries</title>
<style>
${githubStyle()}
${PAGE_STYLE}
</style>
</head>
<body class="markdown-body">
${summaries.length > 1 ? contents(summaries) : ''}
${articles.join('\n')}
</body>
</html>
`;
}

function contents(summaries: readonly PageSummary[]): string {
  const links = summaries.map(({ title }, index) => `<a href="#${anchor(index)}">${escaped(title)}</a>`);
  return `<nav>${links.join('\n')}</nav>`;
}

async function article({ title, markdown }: PageSummary, index: number): Promise<string> {
  return `<article id="${anchor(index)}">
<header>${escaped(title)}</header>
<div class="summary">
${await githubHtml(markdown)}
</div>
<details class="source"><summary>Markdown</summary>
<pre><code>${escaped(markdown)}</code></pre>
</details>
</article>`;
}

/** The sanitiser puts `user-content-` before every id in a summary, so this one is no summary's. */
function anchor(index: number): string {
  return `summary-${index + 1}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function githubStyle(): string {
  const path = createRequire(import.meta.url).resolve('github-markdown-css/github-markdown.css');
  return readFileSync(path, 'utf8');
}

/** What is around a summary on a run's page: a box with a title, as wide as GitHub has it. */
const PAGE_STYLE = `
body.markdown-body { max-width: 1012px; margin: 0 auto; padding: 24px 16px; }
nav { display: flex; flex-wrap: wrap; gap: 8px 16px; margin-bottom: 24px; }
article { margin-bottom: 24px; border: 1px solid var(--borderColor-default); border-radius: 6px; }
article > header { padding: 16px 24px; font-weight: 600; border-bottom: 1px solid var(--borderColor-default); }
article > .summary { padding: 24px; overflow-wrap: break-word; }
article > .summary > :first-child { margin-top: 0; }
article > .summary > :last-child { margin-bottom: 0; }
article > details.source { margin: 0; padding: 12px 24px; border-top: 1px solid var(--borderColor-default); }
article > details.source pre { margin: 12px 0 0; white-space: pre-wrap; }
@media (max-width: 500px) {
  article > header, article > .summary, article > details.source { padding: 16px; }
}`;
