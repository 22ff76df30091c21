import { describe, expect, test } from '@jest/globals';
import { checkHopInPlace } from '../../../src/istio/hop-in-place.ts';
import { parseVersion } from '../../../src/istio/version.ts';
import { isMissing } from '../../../src/istioctl/missing.ts';
import { type CommandName, commandLinesOf } from './command-lines.ts';
import { PLAYED_CALLS, PLAYED_IN_PLACE } from './played-calls.ts';

/**
 * The istioctl commands of the chapters of the documents that describe this Action (docs/source-documents.md), and of two
 * releases beside them, in their order, held against what it calls in their place with istioctl of that version; and why
 * where they differ. What changes the cluster is held against whole upgrades that were played (test/suite/versions.test.ts).
 */
interface Instruction {
  /** Of the source documents; of another release its number and place. */
  readonly id: string;
  readonly printed: string;
  /** Which command of the Action stands for it; undefined: none does. */
  readonly by?: CommandName;
  readonly deviation: string;
}

const REVISION = 'The flag, as uninstall does not see a revision that is a value.';
const NO_PROMPT = '-y, as nobody is there to answer; readiness, files and access beside it.';
const FILE =
  'By revision: a file renders what it was not installed with, and from 1.24 on matches all of them.';
const PODS =
  'Of all pods, by proxy-status, where the page looks at one: xds-grpc names no istiod from 1.8 on.';
const COLUMN = 'Of one revision, and read by the titles of its columns, not by a field.';

const BY_NAME =
  'Not called: until 1.10 it does not tell before what it takes, which is what others share, too (1.7 to 1.9), tags and objects of Helm. What is of the revision alone goes by name.';
const IN_PLACE =
  'install (before 1.6 manifest apply), which is what upgrade is from 1.13 on. Before, upgrade would do checks that the Action does itself, ask, and fetch a release to compare profiles with.';
const ASKS = 'Not called: hop-too-far knows the rule.';
const BEFORE =
  'Not called: it tells how the mesh was installed before, which configuration-would-be-lost asks for.';
const WITHOUT_ISTIOD = 'Not called: 1.4 has no istiod yet, and is refused as current and as target.';

const CHAPTERS: Readonly<Record<string, readonly Instruction[]>> = {
  '1.6.14': [
    {
      id: 'D1-03',
      printed: 'istioctl install --set revision=canary',
      by: 'install a revision',
      deviation: `${REVISION} ${NO_PROMPT}`,
    },
  ],
  '1.7.8': [
    {
      id: 'D0-05',
      printed: 'istioctl install --set revision=canary',
      by: 'install a revision',
      deviation: `${REVISION} ${NO_PROMPT}`,
    },
    { id: 'D0-10', printed: 'istioctl proxy-config endpoints …', by: 'proxy-status', deviation: PODS },
    { id: 'D0-16', printed: 'istioctl proxy-config endpoints …', by: 'proxy-status', deviation: PODS },
    { id: 'D0-18', printed: 'istioctl x uninstall --revision 1-6-5', deviation: BY_NAME },
    {
      id: 'D0-19',
      printed: 'istioctl x uninstall -f manifests/profiles/default.yaml',
      deviation: `${BY_NAME} ${FILE}`,
    },
    { id: 'D0-22', printed: 'istioctl x uninstall --revision=canary', deviation: BY_NAME },
  ],
  '1.8.6': [
    {
      id: '1.8-1',
      printed: 'istioctl install --set revision=canary',
      by: 'install a revision',
      deviation: `${REVISION} ${NO_PROMPT}`,
    },
    {
      id: '1.8-2',
      printed: "istioctl proxy-status | grep … | awk '{print $8}'",
      by: 'proxy-status',
      deviation: `${COLUMN} The page's field is none that holds the istiod.`,
    },
    {
      id: '1.8-3',
      printed: "istioctl proxy-status | grep … | awk '{print $8}'",
      by: 'proxy-status',
      deviation: `${COLUMN} The page's field is none that holds the istiod.`,
    },
    { id: '1.8-4', printed: 'istioctl x uninstall --revision 1-7-5', deviation: BY_NAME },
    {
      id: '1.8-5',
      printed: 'istioctl x uninstall -f manifests/profiles/default.yaml',
      deviation: `${BY_NAME} ${FILE}`,
    },
    { id: '1.8-6', printed: 'istioctl x uninstall --revision=canary', deviation: BY_NAME },
  ],
  '1.10.6': [
    {
      id: 'D2-03',
      printed: 'istioctl x precheck',
      by: 'precheck',
      deviation: 'Namespace and access beside it.',
    },
    {
      id: 'D2-04',
      printed: 'istioctl install --set revision=canary',
      by: 'install a revision',
      deviation: `${REVISION} ${NO_PROMPT}`,
    },
    {
      id: 'D2-09',
      printed: "istioctl proxy-status | grep … | awk '{print $7}'",
      by: 'proxy-status',
      deviation: COLUMN,
    },
    {
      id: 'D2-15',
      printed: "istioctl proxy-status | grep … | awk '{print $7}'",
      by: 'proxy-status',
      deviation: COLUMN,
    },
    {
      id: 'D2-17',
      printed: 'istioctl x revision tag set prod --revision 1-7-6',
      deviation: 'The tag is there: it is yours.',
    },
    {
      id: 'D2-18',
      printed: 'istioctl x revision tag set canary --revision 1-8-0',
      by: 'set a tag',
      deviation: '--overwrite, as a tag that exists is moved by nothing else. No -y, which asks in 1.10.',
    },
    {
      id: 'D2-20',
      printed: 'istioctl x revision tag set prod --revision 1-8-0',
      by: 'set a tag',
      deviation: '--overwrite, which the page forgets. No -y, which asks in 1.10.',
    },
    { id: 'D2-23', printed: 'istioctl x uninstall --revision 1-6-5', deviation: BY_NAME },
    {
      id: 'D2-24',
      printed: 'istioctl x uninstall -f manifests/profiles/default.yaml',
      deviation: `${BY_NAME} ${FILE}`,
    },
    { id: 'D2-27', printed: 'istioctl x uninstall --revision=canary', deviation: BY_NAME },
  ],
  '1.20.8': [
    {
      id: 'D3-02',
      printed: 'istioctl install --revision=canary',
      by: 'install a revision',
      deviation: NO_PROMPT,
    },
    { id: 'D3-11', printed: 'istioctl proxy-status', by: 'proxy-status', deviation: COLUMN },
    { id: 'D3-13', printed: 'istioctl tag', by: 'set a tag', deviation: 'The post names the command alone.' },
    { id: 'D3-03', printed: 'istioctl uninstall --revision=canary', by: 'uninstall', deviation: NO_PROMPT },
  ],
};

/** In place, up and down. What is printed without `istioctl` of its own is not called. */
const IN_PLACE_CHAPTERS: Readonly<Record<string, readonly Instruction[]>> = {
  '1.4.10': [
    {
      id: '1.4-1',
      printed: 'istioctl experimental upgrade -f <file>',
      by: 'install without one',
      deviation: IN_PLACE,
    },
    {
      id: '1.4-2',
      printed: 'istioctl manifest apply -f <file>',
      by: 'install without one',
      deviation: `${IN_PLACE} The page has it for the way down to 1.3, without checks. 1.4 itself is refused, so that it is built in tests alone.`,
    },
  ],
  '1.5.10': [
    {
      id: '1.5-1',
      printed: 'istioctl manifest versions',
      deviation: ASKS,
    },
    { id: '1.5-2', printed: 'istioctl upgrade -f <file>', by: 'install without one', deviation: IN_PLACE },
    {
      id: '1.5-3',
      printed: 'istioctl experimental upgrade',
      deviation: WITHOUT_ISTIOD,
    },
  ],
  '1.6.14': [
    {
      id: 'D1-19',
      printed: 'istioctl manifest versions',
      deviation: ASKS,
    },
    { id: 'D1-21', printed: 'istioctl upgrade -f <file>', by: 'install without one', deviation: IN_PLACE },
    {
      id: 'D1-22',
      printed: 'istioctl manifest apply -f <file>',
      deviation: BEFORE,
    },
    {
      id: 'D1-31',
      printed: 'istioctl experimental upgrade',
      deviation: WITHOUT_ISTIOD,
    },
    {
      id: 'D1-33',
      printed: 'istioctl manifest apply',
      deviation:
        'Called by the istioctl of 1.5 alone, on the way back to it: that of 1.6 has install beside it.',
    },
  ],
  '1.8.6': [
    { id: '1.8-7', printed: 'istioctl upgrade', by: 'install without one', deviation: IN_PLACE },
    {
      id: '1.8-8',
      printed: 'istioctl install -f <file>',
      deviation: BEFORE,
    },
    { id: '1.8-9', printed: 'istioctl upgrade', by: 'install without one', deviation: IN_PLACE },
    { id: '1.8-10', printed: 'istioctl install', by: 'install without one', deviation: IN_PLACE },
  ],
};

/** What the Action calls beside its chapter, by the target. */
const BESIDE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '1.20.8': {
    'tag set default':
      'From 1.12 on the default is a tag: the upgrade notes of 1.12 have it moved by hand, and the post leaves it out.',
  },
};

/** Words of the command, before its first flag and name. */
const commandOf = (line: string): string =>
  /^istioctl(?: (?:x|tag|set|revision|install|uninstall|precheck|proxy-status|proxy-config))+/.exec(
    line,
  )?.[0] ?? '';

describe.each(Object.entries(CHAPTERS))('the canary chapter of %s', (version, instructions) => {
  test.each(instructions)('$id: $printed', ({ printed, by, deviation }) => {
    expect(deviation).not.toBe('');
    if (by === undefined) return;
    const args = commandLinesOf(version)[by];
    if (isMissing(args)) throw new Error(args.missing);
    const line = `istioctl ${args.join(' ')}`;
    if (printed.startsWith('istioctl proxy-config')) expect(commandOf(line)).toBe('istioctl proxy-status');
    else expect(`${commandOf(line)} `).toContain(`${commandOf(printed)} `);
    if (printed.includes('revision')) expect(line).toContain(' --revision ');
  });

  test('is what was played, and nothing else', () => {
    const played = (PLAYED_CALLS[version] ?? []).map((call) => commandOf(`istioctl ${call}`));
    expect(played.length).toBeGreaterThan(0);
    for (const { printed, by } of instructions) {
      if (by === 'install a revision' || by === 'uninstall') expect(played).toContain(commandOf(printed));
      if (by === undefined && /\buninstall\b/.test(printed)) expect(played.join()).not.toContain('uninstall');
    }
    const stands = instructions.flatMap(({ by, printed }) => (by === undefined ? [] : [commandOf(printed)]));
    const beside = Object.keys(BESIDE[version] ?? {});
    const more = (PLAYED_CALLS[version] ?? []).filter(
      (call) =>
        !stands.some((words) => commandOf(`istioctl ${call}`).startsWith(words)) &&
        !beside.some((words) => call.startsWith(words)),
    );
    expect(more).toEqual([]);
  });
});

/** Down from 1.6 it is a rollback's matter, which needs no waves. */
const REFUSED: Readonly<
  Record<string, { readonly up?: readonly string[]; readonly down: readonly string[] }>
> = {
  '1.4.10': {
    up: ['version-not-supported', 'version-not-supported'],
    down: ['version-not-supported', 'version-not-supported'],
  },
  '1.5.10': { up: ['version-not-supported'], down: ['version-not-supported'] },
  '1.6.14': { down: ['downgrade-not-in-order'] },
};

describe.each(Object.entries(IN_PLACE_CHAPTERS))('the in-place chapter of %s', (version, instructions) => {
  const target = parseVersion(version);
  const current = parseVersion(`1.${String(target.minor - 1)}.0`);

  test.each(instructions)('$id: $printed', ({ by, deviation }) => {
    expect(deviation).not.toBe('');
    if (by === undefined) return;
    const args = commandLinesOf(version)[by];
    if (isMissing(args)) throw new Error(args.missing);
    const words = target.minor < 6 ? ['manifest', 'apply'] : ['install'];
    expect(args.slice(0, words.length)).toEqual(words);
    expect(args).not.toContain('--revision');
    expect(args.includes('--wait')).toBe(target.minor <= 6);
  });

  test.each([false, true])('may be gone, or is refused before anything is touched (down: %s)', (down) => {
    const [from, to] = down ? [target, current] : [current, target];
    const errors = checkHopInPlace(from, to, true).filter(({ severity }) => severity === 'error');
    expect(errors.map(({ id }) => id)).toEqual(REFUSED[version]?.[down ? 'down' : 'up'] ?? []);
  });

  test('is what was played', () => {
    const played = PLAYED_IN_PLACE[version];
    expect(played !== undefined).toBe(target.minor > 4);
    const own = target.minor < 6 ? 'manifest apply' : 'install';
    for (const call of played ?? []) expect(call).toMatch(/^(install|manifest apply) (--wait )?-y$/);
    expect(played?.[0] ?? own).toContain(own);
  });
});
