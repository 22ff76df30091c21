import { describe, expect, test } from '@jest/globals';
import { statusRevision, boundedText, labelValue } from '../../../src/istio/text.ts';
import { imageVersion } from '../../../src/istio/proxy.ts';
import { lastWords } from '../../../src/istioctl/output.ts';
import { readProxyStatus } from '../../../src/istioctl/proxy-status.ts';
import { redactor } from '../../../src/redact.ts';
import {
  block,
  code,
  forAnnotation,
  forLog,
  forMarkdown,
  oneLine,
  prose,
} from '../../../src/report/escape.ts';

/**
 * No text from the cluster can stop the run (issue 12). A pattern that begins anew at each place of a long text takes a
 * quarter of an hour for 1 MB, and meanwhile no signal is heard. Told by how the time grows with the length, because how
 * long it takes says as much of the machine as of the pattern.
 */
const MB = 1024 * 1024;
const redact = redactor(['hunter2-token', 'a"b\\c']);

/** Beginnings of whatever a pattern here looks for, never ended; and long runs of what it passes over. */
const SEEDS = [
  ...['eyJ-', 'eyJ', 'eyJaaaaaaaa.', 'eyJaaaaaaaa.bbbbbbbb.', '-eyJ.', 'a.', '.'],
  ...['-----BEGIN ', '-----BEGIN A', '-----BEGIN A-----', '-----END ', '-----', 'BEGIN A'],
  ...['://a', '://a:', 'a://b:c', 'Bearer ', 'bearer', 'hunter2-toke', 'a"b\\', '@', 'www', 'www.'],
  ...[
    '\\',
    '\\|',
    '|',
    '`',
    '``a',
    '` ',
    '#',
    '##[',
    '::',
    '\u001b[',
    '\u001b[0',
    '\u001b]',
    '\u001b',
    '\u001b[0;',
  ],
  ...[
    ' ',
    '\t',
    '\n',
    '\r\n',
    ' \n',
    '\u2028',
    '\u202e',
    '\ud800',
    '0',
    '1.',
    '-',
    '&',
    '<',
    '(',
    ' (',
    '()',
    '[',
  ],
  ...['{"revision":"', '{"a":[', '{', '[', '"', ':a', ':', '1.1.1-rc', '😀'],
];

const OURS: readonly (readonly [name: string, work: (text: string) => unknown])[] = [
  ['redact', redact],
  ['oneLine', (text) => oneLine(text, 500)],
  ['forLog', (text) => forLog(text)],
  ['forLog, uncut', (text) => forLog(text, Infinity)],
  ['forAnnotation', (text) => forAnnotation(text)],
  ['forMarkdown', (text) => forMarkdown(text)],
  ['forMarkdown, uncut', (text) => forMarkdown(text, Infinity)],
  ['code', (text) => code(text)],
  ['code, uncut', (text) => code(text, Infinity)],
  ['prose', (text) => prose(text)],
  ['prose, uncut', (text) => prose(text, Infinity)],
  ['block', (text) => block(text.split('\n'))],
  ['statusRevision', statusRevision],
  ['statusRevision, ended', (text) => statusRevision(`${text}"}`)],
  ['labelValue', labelValue],
  ['boundedText', (text) => boundedText(text)],
  ['imageVersion', (text) => imageVersion(`docker.io/istio/proxyv2${text}`)],
  ['lastWords', (text) => lastWords({ stdout: text, stderr: `Error: ${text}` })],
  [
    'a cell of proxy-status',
    (text) =>
      readProxyStatus({ code: 0, stdout: statusTable(text.replaceAll('\n', ' ')), stderr: '' }, 'table'),
  ],
];

/** A table of one proxy, with a cell as it was said. */
function statusTable(cell: string): string {
  const [name, cds] = ['NAME', `(${cell})`].map((text) => text.padEnd(cell.length + 8));
  return `${name}CDS\n${'a.b'.padEnd(cell.length + 8)}${cds ?? ''}\n`;
}

/** The least of three, in milliseconds: whatever else the machine does only adds. */
function least(work: () => unknown): number {
  return Math.min(took(work), took(work), took(work));
}

function took(work: () => unknown): number {
  const begin = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - begin) / 1e6;
}

const SMALL = 32 * 1024;
/** Four times the text: 4 where it is linear, 16 where it is quadratic. Below that it is all noise. */
const RATIO = 9;
const NOISE_MS = 8;

describe.each(OURS)('%s', (_name, work) => {
  test('grows with the text, not with its square; and takes 1 MB of anything', () => {
    const slow = SEEDS.filter((seed) => {
      const of = (length: number): string => seed.repeat(Math.ceil(length / seed.length)).slice(0, length);
      const once = took(() => work(of(4 * SMALL)));
      if (once < NOISE_MS) return false;
      const small = least(() => work(of(SMALL)));
      const large = least(() => work(of(4 * SMALL)));
      return large / Math.max(small, 0.5) > RATIO;
    });
    expect(slow).toEqual([]);
    // Only now: with a pattern that is quadratic it would not end.
    for (const seed of SEEDS) work(seed.repeat(Math.ceil(MB / seed.length)));
  });
});

test('a pattern that is quadratic would be seen', () => {
  const old = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
  const of = (length: number): string => 'eyJ-'.repeat(length / 4);
  const small = least(() => of(SMALL / 4).replace(old, '***'));
  const large = least(() => of(SMALL).replace(old, '***'));
  expect(large / small).toBeGreaterThan(RATIO);
});
