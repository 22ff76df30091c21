/** One message of the log form, under the names that the JSON form has for its parts. */
export interface PrecheckLine {
  readonly level: string;
  readonly code: string;
  readonly origin: string;
  readonly message: string;
}

/** `Warning [IST0136] (Service a.b file.yaml:3) text`; the place is told only where there is one. */
const MESSAGE =
  /^(?<level>Info|Warning|Error) \[(?<code>IST\d{4})\](?: \((?<origin>[^()]*)\))? (?<message>.*\S)$/;

/** What 1.10 to 1.20 print where they can't ask a proxy what it listens on (Istio's istioctl/cmd/precheck.go). */
const ASIDE = /^failed to get (?:config dump|listener state): /;

/**
 * The messages of the precheck of 1.10 to 1.19, which knows no JSON. It prints nothing on stdout where it finds nothing.
 *
 * @returns undefined where anything else stands there, or the last line is cut short
 */
export function readPrecheckLines(text: string): PrecheckLine[] | undefined {
  if (text !== '' && !text.endsWith('\n')) return undefined;
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !ASIDE.test(line));
  const messages = lines.flatMap((line): PrecheckLine[] => {
    const { level, code, origin = '', message } = MESSAGE.exec(line.trimEnd())?.groups ?? {};
    return level === undefined || code === undefined || message === undefined
      ? []
      : [{ level, code, origin, message }];
  });
  return messages.length < lines.length ? undefined : messages;
}
