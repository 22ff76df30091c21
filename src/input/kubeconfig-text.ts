import { parse } from 'yaml';

/** How often something may be wrapped: base64 of a secret that was base64 already, in quotes (K06). */
const WRAPPINGS = 4;

/** What a kubeconfig was wrapped in, as it is told. */
export interface Unwrapped {
  readonly text: string;
  /** Such as `base64`; empty where the text was plain. */
  readonly layers: readonly string[];
}

/**
 * The content below what people's tools wrap it in, as far as that is unambiguous (K06): base64 once or twice, quotes
 * around it, UTF-16 from PowerShell, a byte order mark. Every YAML mapping has a colon, and base64 has none, so what is
 * unwrapped was never a kubeconfig itself. Never throws: what is no kubeconfig is found out by who reads it.
 */
export function unwrapped(text: string): Unwrapped {
  const layers: string[] = [];
  let content = plain(text);
  while (layers.length < WRAPPINGS) {
    const inner = fromBase64(content) ?? fromQuotes(content);
    if (inner === undefined) break;
    layers.push(inner.layer);
    content = plain(inner.text);
  }
  return { text: content, layers };
}

interface Layer {
  readonly layer: string;
  readonly text: string;
}

function plain(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

function fromBase64(text: string): Layer | undefined {
  const packed = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(packed)) return undefined;
  return { layer: 'base64', text: decoded(Buffer.from(packed, 'base64')) };
}

/** As UTF-16 where a byte order mark or the zeros between letters say so. */
function decoded(bytes: Buffer): string {
  const [first, second] = bytes;
  const even = bytes.length % 2 === 0;
  if ((first === 0xff && second === 0xfe) || (even && second === 0 && first !== 0)) {
    return bytes.toString('utf16le');
  }
  if (even && ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0))) {
    return Buffer.from(bytes).swap16().toString('utf16le');
  }
  return bytes.toString('utf8');
}

/** Quotes around all of it: of a shell, of JSON with its escapes, of a YAML text. */
function fromQuotes(text: string): Layer | undefined {
  const trimmed = text.trim();
  const [quote] = trimmed;
  if ((quote !== '"' && quote !== "'") || trimmed.length < 3 || !trimmed.endsWith(quote)) return undefined;
  const raw = trimmed.slice(1, -1);
  // JSON with quoted keys begins with a brace, so that all of it in quotes is a text and no mapping.
  const inner = textIn(trimmed) ?? (raw.includes(quote) ? undefined : raw);
  return inner === undefined ? undefined : { layer: 'quotes', text: inner };
}

function textIn(text: string): string | undefined {
  if (/[\r\n]/.test(text)) return undefined;
  try {
    const value: unknown = parse(text, { logLevel: 'silent' });
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
