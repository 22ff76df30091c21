import { type Document, parseDocument } from 'yaml';
import { Rejection } from '../input-error.ts';
import { unwrapped } from './kubeconfig-text.ts';

const EMPTY =
  'An empty one is often a secret that does not exist in this repository or environment, or a run for a pull request from a fork: GitHub passes no secrets to those. To take what an earlier step has left, leave the input out.';
const ALLOWED =
  'allowed is the content of a kubeconfig (with clusters, contexts and users), plain or base64.';

/**
 * The kubeconfig's content, decoded where it is base64. Throws a `Rejection`, which never holds any of it.
 * Whether its context exists and can be used is found out later, where the cluster is connected.
 */
export function decodeKubeconfig(text: string): string {
  if (text.trim() === '') throw new Rejection('nothing', `${ALLOWED} ${EMPTY}`);
  const { text: content, layers } = unwrapped(text);
  const flaw = flawOf(content);
  if (flaw === undefined) return content;
  const form = layers.length === 0 ? 'as plain text' : `of ${layers.join(' of ')}`;
  throw new Rejection(`${text.length} characters ${form}, ${flaw}`, hint(text, content));
}

/** The content as far as it can be had, also of what will be rejected: its secrets are secrets all the same. */
export function decodedOrAsIs(text: string): string {
  return unwrapped(text).text;
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

function hint(text: string, content: string): string {
  if (/^(~|\.{0,2}\/|[A-Za-z]:\\)[^\n]{0,200}$/.test(text.trim())) {
    return `${ALLOWED} It looks like a path: give the content of that file, or leave the input out, then the file that $KUBECONFIG names is taken.`;
  }
  if (/^\$?\$?\{\{?[^\n]*\}$|^\$[A-Za-z_]\w*$/.test(text.trim())) {
    return `${ALLOWED} It looks like an expression that was not filled in: write \${{ secrets.NAME }}.`;
  }
  if (content.startsWith('\u001f')) return `${ALLOWED} It is packed with gzip: store it as it is.`;
  if (/^apiVersion:[^\n]*\\n/.test(content.trim())) {
    return `${ALLOWED} Its line breaks are written as \\n: store the file as base64.`;
  }
  if (/^apiVersion: v1 kind:|clusters:[^\n]*contexts:/.test(content.trim())) {
    return `${ALLOWED} Its line breaks are lost: put quotes around the variable ("$KUBECONFIG_TEXT"), or store the file as base64.`;
  }
  return ALLOWED;
}
