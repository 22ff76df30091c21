import type { NamespaceSelection } from '../inputs.ts';
import { Rejection, quote } from '../input-error.ts';
import { lines, namesIn } from './lines.ts';

/** What `isDnsLabel` allows, in words. */
export const DNS_LABEL = 'lower case letters, digits and "-", at most 63, not starting or ending with "-"';

/** A name as Kubernetes allows for namespaces and label values that become part of names (RFC 1123 label). */
export function isDnsLabel(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name);
}

/** One namespace. Throws a `Rejection`. */
export function readNamespace(text: string): string {
  if (isDnsLabel(text)) return text;
  throw new Rejection(quote(text), `allowed is the name of a namespace: ${DNS_LABEL}.`);
}

/** Names, one a line or with commas between, and label selectors, one a line. Throws a `Rejection` with all that is wrong. */
export function readNamespaces(text: string): NamespaceSelection {
  return readSelection(
    text,
    isDnsLabel,
    `allowed are names of namespaces (${DNS_LABEL}), one a line or with commas between, and label selectors such as team=blue or tier in (web, api), one a line.`,
  );
}

/** Names and label selectors, each once. Throws a `Rejection` with all that is wrong, and `allowed`. */
export function readSelection(
  text: string,
  isName: (name: string) => boolean,
  allowed: string,
): NamespaceSelection {
  const given = lines(text);
  const selectors = given.filter(looksLikeSelector);
  const names = namesIn(given.filter((line) => !looksLikeSelector(line)));
  const wrong = [
    ...names.filter((name) => !isName(name)),
    ...selectors.filter((selector) => !isSelector(selector)),
  ];
  if (wrong.length > 0) {
    throw new Rejection(
      wrong.slice(0, 5).map(quote).join(', ') + (wrong.length > 5 ? ` and ${wrong.length - 5} more` : ''),
      allowed,
    );
  }
  return { names: [...new Set(names)], selectors: [...new Set(selectors)] };
}

/** Whether a line is meant as a label selector, and not as names. */
function looksLikeSelector(line: string): boolean {
  return /[=!]|\s(not)?in[\s(]/.test(line);
}

const KEY = String.raw`(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?`;
const VALUE = String.raw`(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)?`;
const REQUIREMENT = new RegExp(
  [
    `^!?\\s*${KEY}$`,
    `^${KEY}\\s*(?:=|==|!=)\\s*${VALUE}$`,
    `^${KEY}\\s+(?:in|notin)\\s*\\(\\s*${VALUE}(?:\\s*,\\s*${VALUE})*\\s*\\)$`,
  ].join('|'),
);

/** Whether the API server would take it: `key`, `!key`, `key=value`, `key!=value`, `key in (a, b)`, commas between. */
function isSelector(text: string): boolean {
  return text.split(/,(?![^(]*\))/).every((requirement) => REQUIREMENT.test(requirement.trim()));
}
