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
 * Works through 1 MB of each hostile form with each function that texts from the cluster pass, and says the name of each
 * that has come through. A program of its own, so that one that does not come through can be ended.
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
  ...['1', '.1', '-1', '.1a', '-1.a', 'A1', '0.', 'v1.'],
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
  ['imageVersion, of a pre-release', (text) => imageVersion(`proxyv2:1.31.0-rc${text}!`)],
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

const quadratic = process.argv.includes('quadratic');
const works: typeof OURS = quadratic
  ? [['a quadratic pattern', (text) => text.replace(/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '***')]]
  : OURS;
for (const [name, work] of works) {
  for (const seed of quadratic ? ['eyJ-'] : SEEDS) work(seed.repeat(Math.ceil(MB / seed.length)));
  process.stdout.write(`${name}\n`);
}
process.stdout.write('all\n');
