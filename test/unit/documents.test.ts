import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readActionMetadata } from '../../scripts/action-metadata.ts';
import { documentedFindings, findingIds } from '../../scripts/docs.ts';
import { SCENARIOS } from '../suite/scenarios/index.ts';
import { scratch } from '../support/scratch.ts';

/** What stands in the documents, held against what is there. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const DOCUMENTS = globSync(['*.md', '{docs,examples,testbed}/*.md', '.github/*.md'], { cwd: ROOT }).sort();

/** The text without what is shown as code. */
const prose = (markdown: string): string =>
  markdown.replaceAll(/^ *```.*?^ *```$/gms, '').replaceAll(/`[^`\n]*`/g, '');

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(markdown: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = [...markdown.replaceAll(/^ *```.*?^ *```$/gms, '').matchAll(/^#{1,6} (.*)$/gm)];
  return new Set(
    headings.map(([, heading = '']) => {
      const plain = heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .trim()
        .toLowerCase();
      const slug = plain.replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}

/** The links of a document that lead nowhere. */
function broken(path: string, markdown: string): string[] {
  const links = [...prose(markdown).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(
    ([, link = '']) => link,
  );
  return links.filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(ROOT, target))) return true;
    const text = target === path ? markdown : target.endsWith('.md') ? read(target) : '';
    return anchor !== undefined && !anchorsOf(text).has(anchor);
  });
}

test.each(DOCUMENTS)('%s links to files and headings that are there', (path) => {
  expect(broken(path, read(path))).toEqual([]);
});

test('each form of kubeconfig that is tried is in the document', () => {
  const document = read('docs/kubeconfigs.md');
  const rows = document.split('\n').filter((line) => line.startsWith('| '));
  const named = rows.flatMap((row) =>
    [...row.matchAll(/(?<=^|[| ])`([a-z0-9]+(?:-[a-z0-9]+)*)`(?=[ |]|$)/g)].map(([, name]) => name),
  );
  const files = globSync('test/fixtures/kubeconfigs/*.yaml', { cwd: ROOT });
  const forms = files.map((path) => path.replace(/^.*\/|\.yaml$/g, ''));
  expect(forms.filter((form) => !named.includes(form))).toEqual([]);
});

test('a link that leads nowhere is seen', () => {
  const text = `# A "title", of \`x\`\n\n## A\n\n## A\n
    [1](#a-title-of-x) [2](#a-1) [3](docs/phases.md#the-checks) [4](LICENSE) [5](https://example.com/x#y)
    [6](#a-2) [7](docs/none.md) [8](docs/phases.md#none)\n\n\`[9](nowhere)\`\n`;
  expect(broken('README.md', text)).toEqual(['#a-2', 'docs/none.md', 'docs/phases.md#none']);
});

test('every document is reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const path of reached) {
    if (!path.endsWith('.md')) continue;
    for (const [, link = ''] of prose(read(path)).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
      reached.add(normalize(join(dirname(path), link)));
    }
  }
  expect(DOCUMENTS.filter((path) => !path.startsWith('.github') && !reached.has(path))).toEqual([]);
});

interface Command {
  readonly path: string;
  readonly line: string;
}

/** The lines of the shell blocks, without comments. */
const COMMANDS: readonly Command[] = DOCUMENTS.flatMap((path) =>
  [...read(path).matchAll(/^ *```sh\n(.*?)^ *```$/gms)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '')
    .map((line) => ({ path, line })),
);

/** What a line starts, without what is put before it. */
const started = (line: string): string[] =>
  line
    .replaceAll(/'[^']*'/g, "''")
    .split(/ && | \| | -- (?=(?:npm|kubectl|istioctl)\b)/)
    .map((part) => part.replace(/^[A-Z_]+=\S+ /, '').trim());

describe('the commands of the documents', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  /** Programs that are not of this repository. */
  const OTHERS = /^(npm ci|npm test|gh|kubectl|jq|tr|base64|istioctl-[\d.]+)\b/;
  const usage = spawnSync(process.execPath, ['testbed/cli.ts', 'help'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).stdout;

  test.each(COMMANDS)('$path: $line', ({ line }) => {
    for (const part of started(line)) {
      const script = /^npm run (?:--silent )?([\w:-]+)/.exec(part)?.[1];
      if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
      else if (part.startsWith('node ')) expect(existsSync(join(ROOT, part.split(' ')[1] ?? ''))).toBe(true);
      else expect(part).toMatch(OTHERS);
      if (script !== 'testbed') continue;
      const [command = '', ...options] = part.split(' -- ')[1]?.split(' ') ?? [];
      expect(usage).toMatch(new RegExp(`^  ${command} `, 'm'));
      for (const option of options.filter((word) => word.startsWith('--') && word !== '--')) {
        expect(usage).toContain(option);
      }
    }
  });

  const phases = [...new Set(COMMANDS.flatMap(({ line }) => /npm run phase -- (.*)$/.exec(line)?.[1] ?? []))];

  test('that run a phase are there', () => {
    expect(phases.length).toBeGreaterThanOrEqual(5);
  });

  test.each(phases)('npm run phase -- %s: all that it lacks is a cluster', (inputs) => {
    const directory = scratch('documents');
    const json = join(directory, 'result.json');
    const { status } = spawnSync(
      process.execPath,
      ['scripts/phase.ts', ...inputs.split(' '), '--json', json],
      { cwd: ROOT, encoding: 'utf8', env: { PATH: process.env.PATH, HOME: directory } },
    );
    const { outputs } = JSON.parse(readFileSync(json, 'utf8')) as { outputs: Record<string, string> };
    const findings = JSON.parse(outputs.findings!) as { id: string; message: string }[];
    expect([status, outputs.outcome, findings.map(({ id }) => id)]).toEqual([
      1,
      'refused',
      ['input-not-usable'],
    ]);
    const complaints = findings[0]!.message.split('\n').filter((text) => text.startsWith('- '));
    expect(complaints.map((text) => text.slice(2, text.indexOf(':')))).toEqual(['kubeconfig']);
  });
});

describe('docs/findings.md', () => {
  const text = read('docs/findings.md');

  test('has each id of the sources once, and no other', () => {
    expect(documentedFindings()).toEqual(findingIds());
  });

  test('says for each the severity, the cause, how to see it, and what to do', () => {
    const rows = text.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.length).toBe(findingIds().length);
    const cells = rows.map((row) => row.slice(2, -2).split(' | '));
    expect(cells.filter((row) => row.length !== 5 || row.some((cell) => cell.trim() === ''))).toEqual([]);
    expect(cells.filter(([, sign = '']) => !/^(❌|⚠️|ℹ️)( (❌|⚠️|ℹ️))*$/.test(sign))).toEqual([]);
  });
});

test.each(DOCUMENTS)('%s names inputs of `with:` and outputs that there are', (path) => {
  const { inputs, outputs } = readActionMetadata();
  const named = [...read(path).matchAll(/\b(input|output)s? `([a-z][a-z-]*)`/g)];
  const unknown = named.filter(
    ([, kind, name = '']) => !Object.hasOwn(kind === 'input' ? inputs : outputs, name),
  );
  expect(unknown.map(([all]) => all)).toEqual([]);
});

describe('docs/hazards.md', () => {
  const text = read('docs/hazards.md');
  const rows = [...text.matchAll(/^\| ([HTM]\d\d) \|.*\| \*\*([^*]+)\*\* \| (.*) \|$/gm)].map(
    ([, id = '', status = '', how = '']) => ({ id, status, how }),
  );
  const ids = (letter: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`);

  /** There never were such cases. */
  const unused = ['M17', 'M18', 'M19'];

  test('has every hazard, every trap and every case, once and in order', () => {
    const cases = ids('M', 42).filter((id) => !unused.includes(id));
    expect(rows.map(({ id }) => id)).toEqual([...ids('H', 74), ...ids('T', 20), ...cases]);
  });

  test('says of each what is done about it, in the words of its legend', () => {
    const legend = [...text.matchAll(/^\| \*\*([^*]+)\*\* +\|/gm)].map(([, word]) => word);
    expect(rows.filter(({ status }) => !legend.includes(status))).toEqual([]);
  });

  test('names a test for what it calls tested', () => {
    const tested = rows.filter(({ status }) => status.startsWith('Tested'));
    expect(tested.length).toBeGreaterThan(0);
    expect(tested.filter(({ how }) => !/`test\/[\w/.-]+\.ts`/.test(how))).toEqual([]);
  });

  test('names the code for what it calls handled, and a finding or an input for what it calls refused or told', () => {
    expect(rows.filter(({ status, how }) => status === 'Handled' && !how.includes('`src/'))).toEqual([]);
    const reported = rows.filter(({ status }) => status === 'Refused' || status === 'Told');
    expect(reported.filter(({ how }) => !/`[a-z]+-[a-z-]+`|`strategy: in-place`/.test(how))).toEqual([]);
  });

  test('names only files, findings and scenarios that are there', () => {
    const words = rows.flatMap(({ how }) => [...how.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word));
    const files = words.filter((word) => /^(src|test)\//.test(word));
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    const known = [
      ...findingIds(),
      ...Object.keys(readActionMetadata().inputs),
      ...Object.keys(readActionMetadata().outputs),
      ...SCENARIOS.map(({ id }) => id),
    ];
    const finding = words.filter(
      (word) => /^[a-z]+(-[a-z0-9]+){2,}$/.test(word) && !word.startsWith('istio-'),
    );
    expect(finding.length).toBeGreaterThan(10);
    expect(finding.filter((word) => !known.includes(word))).toEqual([]);
  });

  test('calls nothing "not yet" that code or tests name, and has what they name', () => {
    const files = globSync('{src,test}/**/*.ts', { cwd: ROOT });
    const named = new Set(
      files.flatMap((file) => [...read(file).matchAll(/\b[HTM]\d\d\b/g)].map(([id]) => id)),
    );
    expect([...named].filter((id) => !rows.some((row) => row.id === id))).toEqual([]);
    expect(rows.filter(({ id, status }) => status === 'Not yet' && named.has(id))).toEqual([]);
  });
});
