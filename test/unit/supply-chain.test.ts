import { describe, expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { parse } from 'yaml';
import { readLock, withoutHash } from '../../scripts/lock.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

test('every package is locked with its hash: else run npm run lock', () => {
  expect(Object.keys(readLock().packages).length).toBeGreaterThan(100);
  expect(withoutHash(readLock())).toEqual([]);
});

test('a package without a hash is seen, on whatever platform it is for', () => {
  const packages = { '': {}, 'node_modules/a': { integrity: 'sha512-x' }, 'node_modules/b': {} };
  expect(withoutHash({ packages })).toEqual(['node_modules/b']);
});

test('every package comes from a registry, and the lock names none', () => {
  const elsewhere = Object.entries(readLock().packages).filter(([, { resolved }]) => resolved !== undefined);
  expect(elsewhere.map(([path]) => path)).toEqual([]);
});

test('what may run a script while it is installed is known, and nothing of it is shipped', () => {
  const scripts = Object.entries(readLock().packages).filter(([, entry]) => entry.hasInstallScript === true);
  expect(scripts.map(([path]) => path).sort()).toEqual([
    'node_modules/@parcel/watcher', // of jest's watch mode: compiles where there is no binary for the platform
    'node_modules/@swc/core', // falls back to WebAssembly where there is no binary for the platform
  ]);
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  expect(Object.keys(dependencies)).not.toContain('@swc/core');
});

test('every Go module of the testbed is locked with its hashes', () => {
  const modules = globSync('testbed/go/*/go.mod', { cwd: ROOT });
  expect(modules.length).toBeGreaterThan(0);
  for (const module of modules.filter((path) => /^require/m.test(read(path)))) {
    expect(read(module.replace(/\.mod$/, '.sum'))).toMatch(/ h1:/);
  }
});

/** Ways of src to reach a shell or code that is made at run time, as `file: what`. */
function shells(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const why = shellOf(node);
    if (why !== undefined) found.push(`${file}: ${why}`);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2024, true));
  return found;
}

/** `spawn` runs a program with its arguments as they are; all else of the module has a shell or blocks. */
const OF_CHILD_PROCESS = new Set(['spawn', 'ChildProcess']);
const SHELL = /^(\/\S*\/)?((ba|da|z|k)?sh|cmd(\.exe)?|powershell(\.exe)?|pwsh)$/;

function shellOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) && /^(node:)?child_process$/.test(textOf(node.moduleSpecifier))) {
    const bindings = node.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings)) return 'the whole of child_process';
    const other = bindings.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
    return other.find((name) => !OF_CHILD_PROCESS.has(name));
  }
  if (
    ts.isImportDeclaration(node) &&
    /^@actions\/exec(\/|$)|^(node:)?vm$/.test(textOf(node.moduleSpecifier))
  ) {
    return textOf(node.moduleSpecifier);
  }
  if (ts.isObjectLiteralElement(node) && node.name !== undefined && textOf(node.name) === 'shell') {
    return 'an option shell';
  }
  if (ts.isStringLiteralLike(node) && SHELL.test(node.text)) return `the program ${node.text}`;
  if (ts.isIdentifier(node) && (node.text === 'eval' || node.text === 'Function')) return node.text;
  return undefined;
}

function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) || ts.isIdentifier(node) ? node.text : '';
}

test('nothing in src starts a shell', () => {
  const files = globSync('src/**/*.ts', { cwd: ROOT });
  expect(files).toContain(join('src', 'process', 'command.ts'));
  expect(files.flatMap((file) => shells(file, read(file)))).toEqual([]);
});

test.each([
  `import { exec } from 'node:child_process';`,
  `import { execSync as run } from 'child_process';`,
  `import * as child from 'node:child_process';`,
  `import { exec } from '@actions/exec';`,
  `spawn(file, args, { shell: true });`,
  `const shell = true; spawn(file, args, { shell });`,
  `spawn(file, args, { 'shell': process.env.X !== undefined });`,
  `spawn('sh', ['-c', line]);`,
  'spawn(`/bin/bash`, args);',
  `spawn('cmd.exe', args);`,
  `eval(text);`,
  `new Function(text)();`,
])('would be seen: %s', (text) => {
  expect(shells('src/process/a.ts', text)).toHaveLength(1);
});

test.each([
  `import { type ChildProcess, spawn } from 'node:child_process';`,
  `spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });`,
  '// no shell: { shell: true } is only said here',
])('would not be taken for one: %s', (text) => {
  expect(shells('src/process/a.ts', text)).toEqual([]);
});

interface Job {
  readonly uses?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly { readonly uses?: string; readonly run?: string }[];
}

describe('the release', () => {
  const jobsOf = (path: string): Record<string, Job> =>
    (parse(read(path)) as { jobs: Record<string, Job> }).jobs;
  const release = jobsOf('.github/workflows/release.yml');
  const attest = jobsOf('.github/workflows/attest.yml');
  const runs = ({ steps = [] }: Job): string => steps.map(({ run = '' }) => run).join('\n');
  const writes = ({ permissions = {} }: Job): string[] =>
    Object.keys(permissions).filter((name) => permissions[name] === 'write');

  test('is built by a job without rights, and nobody with rights runs code of ours or of a dependency', () => {
    expect(runs(release.build!)).toContain('npm run check-dist');
    for (const job of [...Object.values(release), ...Object.values(attest)]) {
      const runsCode = /\b(npm|npx|node|yarn|pnpm)\b/.test(runs(job));
      expect(runsCode && writes(job).length > 0).toBe(false);
    }
    expect(writes(release.publish!)).toEqual(['contents']);
    expect(writes(attest.attest!)).toEqual(['id-token', 'attestations']);
  });

  test('is signed by a workflow of its own, after it was compared, and tagged last, by approval', () => {
    expect(release.attest).toMatchObject({ needs: 'build', uses: './.github/workflows/attest.yml' });
    const [compare, sign] = ['diff --recursive', 'actions/attest-build-provenance'].map((text) =>
      attest.attest!.steps!.findIndex(({ run = '', uses = '' }) => run.includes(text) || uses.includes(text)),
    );
    expect(compare).toBeGreaterThanOrEqual(0);
    expect(sign).toBeGreaterThan(compare!);
    expect(release.publish).toMatchObject({ needs: 'attest', environment: 'release' });
    expect(read('SECURITY.md')).toContain(
      '--signer-workflow OWNER/istio-upgrade/.github/workflows/attest.yml',
    );
  });

  test('moves no tag', () => {
    const all = globSync('.github/workflows/*.yml', { cwd: ROOT }).map(read).join('\n');
    expect(all).not.toMatch(/force=true|git push|tag -f|--force/);
  });
});

test('nothing that is installed runs a script by being installed', () => {
  expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
});

test('the analysers have a configuration that can be read, and switch off nothing', () => {
  expect(parse(read('.github/zizmor.yml'))).toEqual({ rules: {} });
  const codeql = parse(read('.github/workflows/codeql.yml')) as {
    jobs: { analyze: { strategy: { matrix: { language: string[] } } } };
  };
  expect(codeql.jobs.analyze.strategy.matrix.language).toEqual(['javascript-typescript', 'actions']);
  expect(read('.github/workflows/scorecard.yml')).toContain('ossf/scorecard-action@');
});
