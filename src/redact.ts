import type { Report } from './report/report.ts';

/**
 * Shapes of secrets that a program may quote in an error, whoever gave them to it. Each is found in time that grows with
 * the text and not with its square, whatever the text is: others write it (issue 12). `JWT_RUN` and `hideTokens` are in
 * place of one pattern that would begin anew at each `eyJ` of a long run.
 */
const SHAPES: readonly RegExp[] = [
  // Keys and certificates.
  /-----BEGIN [A-Z ]{1,60}-----[\s\S]*?(?:-----END [A-Z ]{1,60}-----|$)/g,
  // User and password of a URL.
  /(?<=:\/\/)[^\s/@:]+:[^\s/@]+(?=@)/g,
  /(?<=\bBearer )\S+/gi,
];

/** Where a JSON Web Token could be: of service accounts and of OIDC. */
const JWT_RUN = /[\w.-]+/g;
/** Fewer letters are a word, such as `eyJx.y`. */
const JWT_PART = 8;

/** A shorter value would hide half of every text, and is no secret. */
const MIN_LENGTH = 4;
/** A line of a secret of many lines; a shorter one may be a mere bracket. */
const MIN_LINE = 8;

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/**
 * Replaces the secrets given, and what has the shape of one, by `***`. Longer secrets go first. Also found: a secret as
 * JSON or Go quote it, and the lines of one that has many. Use it before a text is cut: half a secret is not found.
 */
export function redactor(secrets: readonly string[]): Redact {
  const hidden = [...new Set(secrets.flatMap(formsOf))]
    .filter(({ length }) => length >= MIN_LENGTH)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    const known = hidden.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
    const untokened = known.includes('eyJ') ? known.replace(JWT_RUN, hideTokens) : known;
    return SHAPES.reduce((rest, shape) => rest.replace(shape, '***'), untokened);
  };
}

/** Hides what looks like a secret, whoever gave it. */
export const hideShapes = redactor([]);

/** A value with every text in it redacted, but for those of the keys given; keys are ours and stay. */
export function redactDeep<T>(value: T, redact: Redact, kept: ReadonlySet<string> = new Set()): T {
  return JSON.parse(JSON.stringify(value), (key, item: unknown) =>
    typeof item === 'string' && !kept.has(key) ? redact(item) : item,
  ) as T;
}

/** Of a report, what is one of a few words of ours: other jobs decide by it, and a password may be such a word. */
const ENUMERATED = new Set([
  'phase',
  'outcome',
  'state',
  'nextPhase',
  'id',
  'severity',
  'status',
  'startedAt',
  'finishedAt',
]);

/** A report as it may be shown. */
export function redactReport(report: Report, redact: Redact): Report {
  return redactDeep(report, redact, ENUMERATED);
}

/** The tokens within a run of the letters that tokens have: `eyJ…`, a dot, what it says, a dot, its signature. */
function hideTokens(run: string): string {
  const parts = run.split('.');
  const shown: string[] = [];
  for (let at = 0; at < parts.length; at++) {
    const head = parts[at] ?? '';
    const begin = head.search(/\beyJ/);
    const isToken =
      begin >= 0 &&
      at + 2 < parts.length &&
      head.length - begin - 'eyJ'.length >= JWT_PART &&
      (parts[at + 1] ?? '').length >= JWT_PART;
    shown.push(isToken ? `${head.slice(0, begin)}***` : head);
    if (isToken) at += 2;
  }
  return shown.join('.');
}

function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const forms = lines.length > 1 ? [secret, ...lines.filter(({ length }) => length >= MIN_LINE)] : [secret];
  return forms.flatMap((form) => [form, JSON.stringify(form).slice(1, -1)]);
}
