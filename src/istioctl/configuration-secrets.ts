import { readFile } from 'node:fs/promises';
import { isMap, isPair, isScalar, parseAllDocuments, visit } from 'yaml';
import type { Configuration } from './config-files.ts';

/** Names of what is secret whatever it looks like. */
const SECRET_KEY =
  /(?:pass(?:word|wd|phrase)?|secret|token|credentials?|api[-_]?key|(?:private|access|account|shared)[-_]?key|auth|dsn)$/i;
/** What no secret is, also where its name says so: `jwtPolicy: third-party-jwt`, `enableToken: true`. */
const NEVER = /^(?:true|false|yes|no|on|off|null|~|\d{1,5}|third-party-jwt|first-party-jwt)?$/i;
/** What words, names, hosts, versions, sizes and API groups are made of, between their dots, dashes and slashes. */
const ORDINARY =
  /^(?:[A-Za-z]{0,15}|\d{1,5}|v\d+(?:(?:alpha|beta)\d+)?|\d{1,8}(?:\.\d+)?(?:ms|[smh%]|[KMG]i?))$/;

/**
 * What is secret in a configuration, which istioctl may quote in an error: what has a secret's name, and what is more than
 * ordinary words, wherever it stands in the files or the `set` lines (F08). Words stay: hidden, they would turn
 * `rbac.authorization.k8s.io` into `rbac.***.k8s.io`, and protect nothing. Keys are none.
 */
export async function secretsOfConfiguration({ configFiles, set }: Configuration): Promise<string[]> {
  const inFiles = await Promise.all(
    configFiles.map(async (path) => valuesIn(await readFile(path, 'utf8').catch(() => ''))),
  );
  return [...set.flatMap(valueOf), ...inFiles.flat()].flatMap(secretsIn);
}

interface Named {
  readonly key: string;
  readonly value: string;
}

/** One of many lines is judged line by line: a configuration within the configuration is not secret as a whole. */
function secretsIn({ key, value }: Named): string[] {
  if (SECRET_KEY.test(key)) return NEVER.test(value) ? [] : [value];
  return value
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => !isOrdinary(line));
}

function isOrdinary(value: string): boolean {
  return value.split(/[\s.,:;/_@="'()[\]{}|<>-]+/).every((word) => ORDINARY.test(word));
}

function valueOf(line: string): Named[] {
  const at = line.indexOf('=');
  const key = line.slice(0, at).trim();
  const value = line.slice(at + 1).trim();
  return [value, value.replaceAll('\\,', ',')].map((text) => ({ key, value: text }));
}

/** The scalars of a YAML text as they are written; of one that is no YAML all that could be a value. */
function valuesIn(text: string): Named[] {
  const documents = parseAllDocuments(text, { schema: 'failsafe', logLevel: 'silent' });
  const found: Named[] = [];
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) {
    return text.split('\n').map((line) => {
      const { key = '', value = line } = /^\s*(?:- )?(?<key>[^:]*):(?<value>.*)$/.exec(line)?.groups ?? {};
      return { key: key.trim(), value: value.trim() };
    });
  }
  for (const document of documents) {
    visit(document, {
      Scalar: (key, { value }, path) => {
        if (key !== 'key' && typeof value === 'string') found.push({ key: keyOf(path), value: value.trim() });
      },
    });
  }
  return found;
}

/** The key that a scalar stands under; of `{name: API_TOKEN, value: …}`, as environments are written, the name. */
function keyOf(path: readonly unknown[]): string {
  const pair = path.findLast((node) => isPair(node));
  const key = isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : '';
  const map = path.findLast((node) => isMap(node));
  const name = key === 'value' && isMap(map) ? map.get('name') : undefined;
  return typeof name === 'string' ? name : key;
}
