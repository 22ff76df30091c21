import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCEPTED, GLOBAL } from '../../../embedded/istioctl/accepted.ts';
import { acceptedFlags, complaint } from '../../../embedded/istioctl/complaint.ts';
import { OLDEST_SUPPORTED, dialectOf } from '../../../src/istio/dialect.ts';
import { parseVersion } from '../../../src/istio/version.ts';
import * as argv from '../../../src/istioctl/argv.ts';
import { isMissing } from '../../../src/istioctl/missing.ts';
import { commandLinesOf, goldensOf } from './command-lines.ts';
import { recording } from './recording.ts';

/**
 * The Action's table of versions, held against a table of what each istioctl accepts that was written down apart from it, and
 * that one against what real ones said.
 */
const MINORS = Array.from({ length: 29 }, (_, at) => at + 4);
const FIXTURES = join(import.meta.dirname, '../../fixtures/istioctl');

describe('the table of what each istioctl accepts', () => {
  const COMMANDS = [
    ...['version', 'x precheck', 'install', 'upgrade', 'uninstall', 'tag set', 'tag list', 'tag remove'],
    ...['proxy-status', 'manifest generate'],
  ];

  test.each(
    (['1.30.3', '1.31.0'] as const).flatMap((version) => COMMANDS.map((name) => [version, name] as const)),
  )('is what the real %s says of its %s', (version, name) => {
    const { stdout } = recording(version, `help-${name.replaceAll(' ', '-')}`);
    const [own = '', global = ''] = stdout.slice(stdout.indexOf('\nFlags:')).split('\nGlobal Flags:');
    const flags = (text: string): string[] =>
      [...text.matchAll(/^ {2,6}(?:-\w, )?--(\S+)/gm)].map(([, flag = '']) => flag).sort();
    const minor = parseVersion(version).minor;
    expect(flags(own).filter((flag) => flag !== 'help')).toEqual(acceptedFlags(minor, name));
    // Some hide two of them; none has another one.
    expect(Object.keys(GLOBAL)).toEqual(expect.arrayContaining(flags(global)));
    expect(flags(global).length).toBeGreaterThanOrEqual(Object.keys(GLOBAL).length - 2);
  });

  test.each(['1.29.6', '1.31.0'])(
    'accepts what the real %s accepted, and refuses what it refused',
    (version) => {
      const lines = readFileSync(join(FIXTURES, version, 'commands'), 'utf8')
        .trim()
        .split('\n');
      const known = new Set(
        ACCEPTED.flatMap(({ spellings }) => spellings.map(({ words }) => words.split(' ')[0])),
      );
      const wrong = lines.flatMap((line) => {
        const [code, command = ''] = line.split('\t');
        const args = command.split(/\s+/).slice(1);
        const other = args[0] === 'x' ? args[1] !== 'precheck' : !known.has(args[0]);
        if ((other && code !== '64') || args[1] === 'generate') return [];
        const said = complaint(parseVersion(version).minor, args);
        return (said !== undefined) === (code === '64') ? [] : [`${command}: ${said ?? 'accepted'}`];
      });
      expect(lines.length).toBeGreaterThan(100);
      expect(wrong).toEqual([]);
    },
  );

  test.each([
    [9, 'tag list', /unknown command/],
    [6, 'uninstall --revision a', /unknown command/],
    [14, 'uninstall --revision a', /unknown command/],
    [20, 'x revision tag list', /unknown command/],
    [10, 'x uninstall --revision a --dry-run', /unknown flag: --dry-run/],
    [19, 'x precheck -o json', /unknown flag: -o/],
    [23, 'install --as=me', /unknown flag: --as/],
    [26, 'install --kubeclient-timeout 1s', /unknown flag: --kubeclient-timeout/],
    [31, 'install extra -y', /unknown command/],
    [31, 'install -y extra', /belongs to no flag/],
    [31, 'install --revision', /needs an argument/],
  ])('1.%i refuses %s', (minor, command, words) => {
    expect(complaint(minor, command.split(' '))).toMatch(words);
  });
});

const word = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
const target: fc.Arbitrary<argv.Target> = fc.record({
  kubeconfigPath: fc.constant('/k'),
  context: fc.oneof(fc.constant(''), word),
  istioNamespace: fc.oneof(fc.constant('istio-system'), word),
  actsAs: fc.option(
    fc.record({
      user: word,
      uid: fc.oneof(fc.constant(''), word),
      groups: fc.array(word),
      extra: fc.constant({}),
    }),
    { nil: undefined },
  ),
});

describe('for any version and any inputs', () => {
  test('no command line is built that istioctl of that version refuses, or that asks, or that reaches too far', () => {
    const inputs = fc.record({
      target,
      minor: fc.constantFrom(...MINORS),
      revision: fc.oneof(fc.constant('default'), word),
      tag: fc.oneof(fc.constant('default'), word),
      files: fc.array(fc.constantFrom('/a.yaml', '/b,c.yaml')),
      injectsAll: fc.boolean(),
    });
    fc.assert(
      fc.property(inputs, ({ target, minor, revision, tag, files, injectsAll }) => {
        const dialect = dialectOf(parseVersion(`1.${String(minor)}.0`));
        const lines = [
          argv.clientVersionArgs(),
          argv.meshVersionArgs(target, dialect, revision),
          argv.precheckArgs(target, dialect),
          argv.manifestGenerateArgs(target, dialect, revision, files),
          argv.installArgs(target, dialect, { revision, files, readinessTimeoutMs: 1_000 }),
          argv.uninstallArgs(target, dialect, revision, 'dry-run'),
          argv.uninstallArgs(target, dialect, revision, 'delete'),
          argv.setTagArgs(target, dialect, { tag, revision, injectsAll }),
          argv.removeTagArgs(target, dialect, tag),
          argv.listTagsArgs(target, dialect),
          argv.proxyStatusArgs(target, dialect, revision),
        ];
        for (const line of lines) {
          if (isMissing(line)) expect(line.missing).not.toBe('');
          else
            expect([line.join(' '), complaint(minor, line), trap(minor, line)]).toEqual([
              line.join(' '),
              undefined,
              undefined,
            ]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('what an upgrade in place calls, is never missing and never refused', () => {
    const oldest = Number(OLDEST_SUPPORTED['in-place'].split('.')[1]);
    for (const minor of MINORS.filter((minor) => minor >= oldest)) {
      const lines = commandLinesOf(`1.${String(minor)}.0`);
      for (const name of ['render in place', 'install without one', 'proxy-status', 'version'] as const) {
        const line = lines[name];
        if (isMissing(line)) throw new Error(`1.${String(minor)}, ${name}: ${line.missing}`);
        expect([name, complaint(minor, line), trap(minor, line)]).toEqual([name, undefined, undefined]);
      }
    }
  });

  test('what 1.24 and later have, is never missing', () => {
    for (const minor of MINORS.filter((minor) => minor >= 24)) {
      expect(goldensOf(`1.${String(minor)}.0`).filter((line) => line.startsWith('# '))).toEqual([]);
    }
  });
});

/** What the command would do beside what it is meant to, in the words of Istio's own code and of the recordings. */
function trap(minor: number, args: readonly string[]): string | undefined {
  const has = (flag: string): boolean => args.includes(flag);
  const is = (...words: string[]): boolean => words.every((word) => args.slice(0, 4).includes(word));
  if (is('uninstall')) {
    if (has('-f') || has('--filename') || has('--purge')) return 'it matches every revision (T15)';
    if (args.some((arg) => arg.startsWith('revision='))) return 'it matches every revision (T15)';
    if (!has('-y') && !has('--dry-run')) return 'it asks';
  }
  if ((is('install') || is('apply')) && !has('-y')) return 'it asks';
  if ((is('install') || is('apply')) && minor <= 6 && !has('--wait')) return 'it does not wait';
  if ((is('install') || is('apply')) && has('--dry-run')) return 'it may write in a dry run';
  if (args.includes('set') && is('tag') && minor >= 12 !== has('-y'))
    return 'it asks, or fails where it should apply';
  if (args.includes('remove') && is('tag') && !has('-y')) return 'it asks, and ends with 0';
  if (is('proxy-status') && minor >= 7 && !has('--revision'))
    return 'it tells of other control planes, or of the default alone';
  return undefined;
}

describe('the command lines of', () => {
  test.each(MINORS)('1.%i are these', (minor) => {
    const path = join(import.meta.dirname, '../../fixtures/istioctl/command-lines', `1.${String(minor)}`);
    expect(`${goldensOf(`1.${String(minor)}.0`).join('\n')}\n`).toBe(readFileSync(path, 'utf8'));
  });
});
