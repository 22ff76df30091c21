import { boundedText } from '../istio/text.ts';
import { type Redact, hideShapes } from '../redact.ts';
import type { Printed } from './reading.ts';

/** A line that istioctl's own logging wrote: `2026-11-23T09:34:46.056880Z<tab>error<tab>klog<tab>…`. */
const LOG_LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\t(debug|info|warn|error|fatal|none)\t/;
const ANY_LOG_LINE = new RegExp(LOG_LINE.source, 'm');
/** Lines of the ship that install draws on stderr. */
const ART_LINE = /^[\s|\\/_]+$/;
/** Colours and cursor movements, which some versions write even where there is no terminal. */
const ANSI = /\u001b\[[0-9;?]*[A-Za-z]/g;

/**
 * What istioctl printed, without colours and without the log lines that it mixes into stdout, in front of JSON too
 * (T11; recording 154-version-istiod-dead-json).
 */
export function cutLogLines(output: string): string {
  const text = output.replace(ANSI, '');
  // An answer about 10,000 proxies has half a million lines, and as a rule none to cut (issue 15).
  if (!ANY_LOG_LINE.test(text)) return text;
  return text
    .split('\n')
    .filter((line) => !LOG_LINE.test(line))
    .join('\n');
}

/** The lines that a person would read, without colours, log lines, art and blank ones. */
export function proseLines(output: string): string[] {
  const lines = cutLogLines(output).split('\n');
  return lines.filter((line) => !ART_LINE.test(line) && line.trim() !== '').map((line) => line.trim());
}

const MAX_WORDS = 500;

/**
 * istioctl's own last words, for the text of an error: of stderr, else of stdout, one line, at most 500 characters.
 * A panic is its first line; the stack below it tells a user nothing (recording 453-no-webhook-tag-set).
 *
 * @param redact takes the secrets out, before the text is cut; the one that the command was heard with, where not given
 */
export function lastWords(
  { stdout, stderr, redact: heardWith = hideShapes }: Omit<Printed, 'code'>,
  redact: Redact = heardWith,
): string {
  const lines = proseLines(stderr).length > 0 ? proseLines(stderr) : proseLines(stdout);
  const panic = lines.find((line) => line.startsWith('panic:'));
  const errors = lines.slice(
    Math.max(
      0,
      lines.findLastIndex((line) => line.startsWith('Error:')),
    ),
  );
  const said = redact(
    panic ?? (lines.some((line) => line.startsWith('Error:')) ? errors : lines.slice(-3)).join(' '),
  );
  return boundedText(said, MAX_WORDS);
}
