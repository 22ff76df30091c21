/** Shapes of secrets that a program may quote in an error, whoever gave them to it. */
const SHAPES: readonly RegExp[] = [
  // JSON Web Tokens, of service accounts and of OIDC.
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  // Keys and certificates.
  /-----BEGIN [A-Z ]+-----[\s\S]*?(-----END [A-Z ]+-----|$)/g,
  // User and password of a URL.
  /(?<=:\/\/)[^\s/@:]+:[^\s/@]+(?=@)/g,
  /(?<=\bBearer )\S+/gi,
];

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
    return SHAPES.reduce((rest, shape) => rest.replace(shape, '***'), known);
  };
}

/** Hides what looks like a secret, whoever gave it. */
export const hideShapes = redactor([]);

/** A value, such as the report, with every text in it redacted; keys are ours and stay. */
export function redactDeep<T>(value: T, redact: Redact): T {
  return JSON.parse(JSON.stringify(value), (_key, item: unknown) =>
    typeof item === 'string' ? redact(item) : item,
  ) as T;
}

function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const forms = lines.length > 1 ? [secret, ...lines.filter(({ length }) => length >= MIN_LINE)] : [secret];
  return forms.flatMap((form) => [form, JSON.stringify(form).slice(1, -1)]);
}
