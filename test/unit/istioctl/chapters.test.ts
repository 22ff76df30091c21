import { describe, expect, test } from '@jest/globals';
import { isMissing } from '../../../src/istioctl/missing.ts';
import { type CommandName, commandLinesOf } from './command-lines.ts';

/**
 * The istioctl commands of the canary chapters of the documents that describe this Action (docs/source-documents.md), in
 * their order, held against what it calls in their place with istioctl of that version; and why where they differ.
 */
interface Instruction {
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
    { id: 'D0-18', printed: 'istioctl x uninstall --revision 1-6-5', by: 'uninstall', deviation: NO_PROMPT },
    {
      id: 'D0-19',
      printed: 'istioctl x uninstall -f manifests/profiles/default.yaml',
      by: 'uninstall',
      deviation: FILE,
    },
    { id: 'D0-22', printed: 'istioctl x uninstall --revision=canary', by: 'uninstall', deviation: NO_PROMPT },
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
    { id: 'D2-23', printed: 'istioctl x uninstall --revision 1-6-5', by: 'uninstall', deviation: NO_PROMPT },
    {
      id: 'D2-24',
      printed: 'istioctl x uninstall -f manifests/profiles/default.yaml',
      by: 'uninstall',
      deviation: FILE,
    },
    { id: 'D2-27', printed: 'istioctl x uninstall --revision=canary', by: 'uninstall', deviation: NO_PROMPT },
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
});
