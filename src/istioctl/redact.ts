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

/** Replaces the secrets given, and what has the shape of one, by `***`. Longer secrets go first. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const hidden = [...new Set(secrets)]
    .filter(({ length }) => length >= MIN_LENGTH)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    const known = hidden.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
    return SHAPES.reduce((rest, shape) => rest.replace(shape, '***'), known);
  };
}
