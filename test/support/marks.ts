/** A secret that was planted, and every form in which it could leak. */
export interface Mark {
  readonly name: string;
  readonly forms: readonly string[];
}

/** Shorter pieces would be found by chance. */
const SHORTEST = 8;

/** A secret's forms: as it is, quoted, in a URL, in hex, in base64 wherever it begins, and each of its lines. */
export function markOf(name: string, secret: string): Mark {
  const lines = secret.split('\n').filter((line) => !line.startsWith('-----'));
  const pieces = lines.length > 1 ? [secret, ...lines] : [secret];
  const forms = pieces.flatMap((piece) => [
    piece,
    JSON.stringify(piece).slice(1, -1),
    encodeURIComponent(piece),
    Buffer.from(piece).toString('hex'),
    ...[0, 1, 2].map((before) => inBase64(piece, before)),
  ]);
  return { name, forms: [...new Set(forms)].filter(({ length }) => length >= SHORTEST) };
}

/** The part of a base64 text that is the same whatever stands around the secret, which begins `before` bytes late. */
function inBase64(secret: string, before: number): string {
  const bytes = Buffer.from(secret);
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}

/** The names of the marks that a text holds in any form. */
export function marksIn(text: string, marks: readonly Mark[]): string[] {
  return marks.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ name }) => name);
}
