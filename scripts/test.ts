import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { Results } from '../test/suite/results.ts';
import { SCENARIOS } from '../test/suite/scenarios/index.ts';
import { probesTable } from '../test/suite/probes-table.ts';
import { timesTable } from '../test/suite/table.ts';
import { testbedReason } from './testbed-reason.ts';

/**
 * `npm test`: the unit tests; then the scenarios on the testbed, two clusters at a time, and beside them, in the time that
 * those wait, the scenarios on the embedded cluster and generated meshes; at last whether both clusters have shown the same. Where the machine cannot have a testbed what needs it is counted as skipped, or as
 * failed with TESTBED=required. Arguments go to jest. The last line is the sum.
 */
interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed and why, some lines each. */
  readonly failures?: readonly string[];
}

/** The part of jest's --json that is read here. */
interface JestResult {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    /** Why a file could not be run. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** So many lines of a failure are said again at the end: what is kept of a long log is often its end. */
const LINES_OF_FAILURE = 14;

/** So many files run at once, each with a cluster of its own: most of their time they wait. */
const TESTBEDS = 2;

/** So many files of unit tests at once: nothing runs beside them. */
const UNIT = 2;

/** So many scenarios at once on the embedded cluster, beside the testbeds: some wait, others keep the processors busy. */
const EMBEDDED = 3;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const JEST = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');

/** What scenarios show is kept here until the end, so that both clusters can be compared. */
const results = mkdtempSync(join(tmpdir(), 'istio-upgrade-scenarios-'));

async function runJest(args: readonly string[], quiet = false): Promise<Counts> {
  const directory = mkdtempSync(join(tmpdir(), 'istio-upgrade-test-'));
  const output = join(directory, 'result.json');
  try {
    const jest = spawn(
      process.execPath,
      [JEST, ...args, '--json', `--outputFile=${output}`, '--passWithNoTests'],
      {
        cwd: ROOT,
        // With --json jest prints its result on stdout too; what people read is on stderr.
        stdio: ['inherit', 'ignore', quiet ? 'ignore' : 'inherit'],
        env: {
          ...process.env,
          SCENARIO_RESULTS: results,
          NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        },
      },
    );
    const [status] = (await once(jest, 'close')) as [number | null];
    return counts(output, status === 0);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A file that did not load, and a jest that died, are failures too. */
function counts(output: string, exitedWell: boolean): Counts {
  if (!existsSync(output)) return { passed: 0, failed: exitedWell ? 0 : 1, skipped: 0 };
  const result = JSON.parse(readFileSync(output, 'utf8')) as JestResult;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    failed: exitedWell ? failed : Math.max(1, failed),
    skipped: result.numPendingTests + result.numTodoTests,
    failures: failuresOf(result),
  };
}

function failuresOf({ testResults }: JestResult): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    if (assertionResults.length === 0 && message !== '') return [failure(name, message)];
    return failed.map(({ fullName, failureMessages }) => failure(fullName, failureMessages.join('\n')));
  });
}

function failure(title: string, message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .slice(0, LINES_OF_FAILURE);
  return [`✕ ${title}`, ...lines.map((line) => `    ${line.slice(0, 300)}`)].join('\n');
}

/** What is played without a testbed: it fills the time that those wait. */
async function runAlone(args: readonly string[]): Promise<Counts[]> {
  const embedded = ['--verbose', `--maxConcurrency=${String(EMBEDDED)}`, '--selectProjects', 'embedded'];
  const parts: Counts[] = [];
  for (const which of [
    embedded,
    // Cases with somebody in the middle of a run, and generated meshes for some minutes.
    ['--verbose', '--selectProjects', 'meshes'],
  ])
    parts.push(await runJest([...args, ...which]));
  return parts;
}

/** What needs the testbed. */
function runTestbed(args: readonly string[]): Promise<Counts> {
  return runJest([...args, `--maxWorkers=${String(TESTBEDS)}`, '--verbose', '--selectProjects', 'scenario']);
}

/** What the machine can't play is counted all the same. */
async function withoutTestbed(args: readonly string[], reason: string): Promise<Counts> {
  // Loads the files, so that test.each is counted too, and runs none of them: no title is without an end.
  const { skipped, failed } = await runJest(
    [...args, '--testNamePattern', '$never', '--selectProjects', 'scenario', 'compare'],
    true,
  );
  const required = process.env.TESTBED === 'required';
  process.stderr.write(`\nNo testbed on this machine: ${reason}.\n`);
  process.stderr.write(
    `${skipped} tests that need one are ${required ? 'failed (TESTBED=required)' : 'skipped'}.\n`,
  );
  return required
    ? { passed: 0, failed: Math.max(1, skipped + failed), skipped: 0 }
    : { passed: 0, failed, skipped };
}

const args = process.argv.slice(2);
const reason = testbedReason();
const unit = await runJest([...args, `--maxWorkers=${String(UNIT)}`, '--selectProjects', 'unit']);
const [alone, testbed] = await Promise.all([
  runAlone(args),
  reason === undefined ? runTestbed(args) : withoutTestbed(args, reason),
]);
const parts = [unit, ...alone, testbed];
if (reason === undefined) parts.push(await runJest([...args, '--verbose', '--selectProjects', 'compare']));
const shown = new Results(results);
process.stderr.write(`\n${timesTable(SCENARIOS, shown)}\n\n${probesTable(SCENARIOS, shown)}\n`);
rmSync(results, { recursive: true, force: true });
for (const text of parts.flatMap(({ failures = [] }) => failures)) process.stderr.write(`\n${text}\n`);
const [passed, failed, skipped] = (['passed', 'failed', 'skipped'] as const).map((kind) =>
  parts.reduce((sum, part) => sum + part[kind], 0),
);
process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;
