import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MUTANTS, type Mutant } from '../test/mutants/mutants.ts';
import { copyOfRepository, mutate } from './mutated-copy.ts';
import { DOCUMENT, MUTANTS_NOTICED, type Noticed, noticedMutants, reliability } from './reliability.ts';

/**
 * `npm run mutants`: takes one protection after the other out of a copy of the repository, and runs the tests that must
 * notice. All: `npm run mutants`; one: `-- --only lock-not-respected`. What was noticed is kept in docs/reliability.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const say = (line: string): void => console.log(line);

/** What of jest's JSON is read. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** The titles of the tests that fail. */
function failing(copy: string, { noticed: { project, path, name } }: Mutant): string[] {
  if (project !== 'unit') execFileSync('npm', ['run', '--silent', 'build'], { cwd: copy, stdio: 'ignore' });
  const output = join(copy, 'results.json');
  rmSync(output, { force: true });
  const args = ['--selectProjects', project, '--testPathPatterns', path, '-t', name, '--forceExit'];
  const run = spawnSync('npx', ['jest', ...args, '--json', '--outputFile', output], {
    cwd: copy,
    env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' },
    encoding: 'utf8',
  });
  if (!existsSync(output)) throw new Error(`jest gave no results:\n${run.stderr}`);
  const results = JSON.parse(readFileSync(output, 'utf8')) as Results;
  if (results.numPassedTests + results.numFailedTests === 0) throw new Error(`no test ran:\n${run.stderr}`);
  return results.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  );
}

/** Kept after each, so that what was seen is not lost with the rest. */
function keep(noticed: Noticed): void {
  const kept = new Map(noticedMutants().map((each) => [each.id, each])).set(noticed.id, noticed);
  const lines = MUTANTS.flatMap(({ id }) => kept.get(id) ?? []).map((each) => JSON.stringify(each));
  writeFileSync(MUTANTS_NOTICED, `${lines.join('\n')}\n`);
  writeFileSync(join(ROOT, DOCUMENT), reliability());
}

const copy = copyOfRepository(ROOT);
let unnoticed = 0;
try {
  for (const mutant of MUTANTS.filter(({ id }) => values.only === undefined || values.only.includes(id))) {
    const heal = mutate(copy, mutant);
    try {
      const tests = failing(copy, mutant);
      keep({ id: mutant.id, tests });
      if (tests.length === 0) unnoticed++;
      say(`${tests.length > 0 ? 'noticed  ' : 'UNNOTICED'} ${mutant.id}: ${tests.join('; ')}`);
    } finally {
      heal();
    }
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.exitCode = unnoticed === 0 ? 0 : 1;
