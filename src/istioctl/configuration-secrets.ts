import { readFile } from 'node:fs/promises';
import { parseAllDocuments, visit } from 'yaml';
import type { Configuration } from './config-files.ts';

/** What every IstioOperator is full of, and no secret: hidden, they would make istioctl's words useless. */
const WORDS =
  /^(true|false|yes|no|on|off|null|~|default|minimal|istio-system|IstioOperator|install\.istio\.io\/.*)$/i;
/** Ports, counts, sizes, versions: `15017`, `500m`, `2Gi`, `1.31.0`. */
const NUMBERS = /^[\d.]{1,8}[A-Za-z%]{0,2}$/;

/**
 * The values of a configuration, which istioctl may quote in an error and any of which may be a secret: all of the `set`
 * lines, and those of the files but for plain words and numbers. Keys are none.
 */
export async function secretsOfConfiguration({ configFiles, set }: Configuration): Promise<string[]> {
  const inFiles = await Promise.all(
    configFiles.map(async (path) => valuesIn(await readFile(path, 'utf8').catch(() => ''))),
  );
  return [
    ...set.flatMap(valueOf),
    ...inFiles.flat().filter((value) => !WORDS.test(value) && !NUMBERS.test(value)),
  ];
}

function valueOf(line: string): string[] {
  const value = line.slice(line.indexOf('=') + 1).trim();
  return [value, value.replaceAll('\\,', ',')];
}

/** The scalars of a YAML text as they are written; of one that is no YAML all that could be a value. */
function valuesIn(text: string): string[] {
  const documents = parseAllDocuments(text, { schema: 'failsafe', logLevel: 'silent' });
  const found: string[] = [];
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) {
    return text.split('\n').flatMap((line) => [line.trim(), line.replace(/^[^:]*:/, '').trim()]);
  }
  for (const document of documents) {
    visit(document, {
      Scalar: (key, { value }) => {
        if (key !== 'key' && typeof value === 'string') found.push(value.trim());
      },
    });
  }
  return found;
}
