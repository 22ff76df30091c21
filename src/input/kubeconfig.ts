import { type Document, parseDocument } from 'yaml';
import { Rejection } from '../input-error.ts';

const ALLOWED =
  'allowed is the content of a kubeconfig (with clusters, contexts and users), plain or base64.';

/**
 * The kubeconfig's content, decoded where it is base64. Throws a `Rejection`, which never holds any of it.
 * Whether its context exists and can be used is found out later, where the cluster is connected.
 */
export function decodeKubeconfig(text: string): string {
  if (text.trim() === '') {
    throw new Rejection(
      'nothing',
      `${ALLOWED} An empty one is often a secret that does not exist in this repository or environment, or a run for a pull request from a fork: GitHub passes no secrets to those.`,
    );
  }
  const base64 = asBase64(text);
  const content = (base64 ?? text).replace(/^\uFEFF/, '');
  const flaw = flawOf(content);
  if (flaw === undefined) return content;
  throw new Rejection(
    `${text.length} characters ${base64 === undefined ? 'as plain text' : 'of base64'}, ${flaw}`,
    hint(text),
  );
}

/** The content as far as it can be had, also of what will be rejected: its secrets are secrets all the same. */
export function decodedOrAsIs(text: string): string {
  return asBase64(text) ?? text;
}

/** What a base64 text stands for; undefined where it cannot be base64. Every YAML mapping has a colon, base64 has none. */
function asBase64(text: string): string | undefined {
  const packed = text.replace(/\s+/g, '');
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(packed) ? Buffer.from(packed, 'base64').toString('utf8') : undefined;
}

/** The reason why it is no kubeconfig. The YAML parser's own words quote the text, so only its line is told. */
function flawOf(content: string): string | undefined {
  const document = parseDocument(content, { prettyErrors: true, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) return `no YAML (${error.code}, line ${error.linePos?.[0].line ?? '?'})`;
  const value = plain(document);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'which hold no mapping';
  const missing = ['clusters', 'contexts', 'users'].filter((key) => !Array.isArray(Reflect.get(value, key)));
  return missing.length === 0 ? undefined : `without a list of ${missing.join(' and ')}`;
}

/** The document as plain values; null where aliases would blow it up. */
function plain(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    return null;
  }
}

function hint(text: string): string {
  const path = /^(~|\.{0,2}\/|[A-Za-z]:\\)[^\n]{0,200}$/.test(text.trim());
  return path ? `${ALLOWED} It looks like a path: give the content of that file.` : ALLOWED;
}
