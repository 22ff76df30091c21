/** The text is not a series of JSON documents. */
export class UnreadableJson extends Error {
  override readonly name = 'UnreadableJson';
}

/**
 * All JSON documents of a text, which istioctl concatenates without a separator: one for each istiod (T11; recording
 * 427-replicas-proxy-status-json). No document at all is an empty list: whether that is an answer is for the caller.
 *
 * @throws UnreadableJson where there is anything but arrays and objects, or the last one is cut short
 */
export function parseJsonDocuments(text: string): unknown[] {
  return splitJsonDocuments(text).map(parse);
}

/** Their texts, each from its first bracket to its last: whether what is between is JSON is not known yet. */
export function splitJsonDocuments(text: string): string[] {
  const documents: string[] = [];
  let start = skipBlanks(text, 0);
  while (start < text.length) {
    const end = endOfDocument(text, start);
    documents.push(text.slice(start, end));
    start = skipBlanks(text, end);
  }
  return documents;
}

/**
 * Reads a document whose list `key` may be long, the objects in it one by one: more is never held of each than `read`
 * makes of it (10,000 proxies take twice the memory of their text, issue 15).
 *
 * @returns the document, with 0 for each object in the list, and what `read` made of them
 * @throws UnreadableJson
 */
export function parseOneByOne<T>(
  text: string,
  key: string,
  read: (object: unknown) => T,
): { readonly document: unknown; readonly objects: readonly T[] } {
  const objects: T[] = [];
  const rest: string[] = [];
  let at = 0;
  for (const [start, end] of within(text, 0, text.length)) {
    const before = text.slice(at, start).trimEnd();
    if (
      text.charAt(start) !== '[' ||
      !before.endsWith(':') ||
      !before.slice(0, -1).trimEnd().endsWith(`"${key}"`)
    )
      continue;
    for (const [from, to] of within(text, start, end)) {
      objects.push(read(parse(text.slice(from, to))));
      rest.push(text.slice(at, from), '0');
      at = to;
    }
  }
  return { document: parse([...rest, text.slice(at)].join('')), objects };
}

/** Where the arrays and objects are that stand in the one which is `text[start..end)`. */
function* within(text: string, start: number, end: number): Generator<readonly [from: number, to: number]> {
  for (let at = start + 1; at < end - 1;) {
    const char = text.charAt(at);
    const to = char === '"' ? endOfString(text, at) : '[{'.includes(char) ? endOfDocument(text, at) : at + 1;
    if ('[{'.includes(char)) yield [at, to];
    at = to;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableJson('istioctl printed what looks like JSON and is not', { cause: error });
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
  return at;
}

const MARK = /["{}[\]]/g;

/** Where the array or object that begins at `start` ends, by counting brackets outside of strings. */
function endOfDocument(text: string, start: number): number {
  if (!'[{'.includes(text.charAt(start)))
    throw new UnreadableJson('istioctl printed something else than JSON');
  let depth = 0;
  MARK.lastIndex = start;
  while (MARK.test(text)) {
    const at = MARK.lastIndex - 1;
    const char = text.charAt(at);
    if (char === '"') MARK.lastIndex = endOfString(text, at);
    else depth += '[{'.includes(char) ? 1 : -1;
    if (depth === 0) return at + 1;
  }
  throw new UnreadableJson('the JSON that istioctl printed is cut short');
}

/** Where the string that begins at `start` ends; behind the text where it does not. */
function endOfString(text: string, start: number): number {
  let end = start;
  do end = text.indexOf('"', end + 1);
  while (end > 0 && isEscaped(text, end));
  return end < 0 ? text.length : end + 1;
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text.charAt(from - 1) === '\\') from -= 1;
  return (at - from) % 2 === 1;
}
