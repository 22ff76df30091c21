import {
  type Document,
  LineCounter,
  type Node,
  type Pair,
  isMap,
  isPair,
  isScalar,
  parseAllDocuments,
  visit,
} from 'yaml';
import { mayBeMeant, placeholdersIn } from './placeholders.ts';

/** A text that a control plane is configured by. */
export interface ConfigurationText {
  /** Path of the file as the user would call it, or `set`. */
  readonly name: string;
  readonly text: string;
}

/** A value in a configuration file, and where. */
export interface Place {
  readonly name: string;
  readonly line: number;
  /** Of a value of several lines the last one. */
  readonly lastLine: number;
  /**
   * Keys from the top, such as `spec.tag`, a patch by what it is for: `patches[spec.replicas].value`. Empty where the file is
   * no YAML.
   */
  readonly path: string;
  readonly value: string;
}

/** A placeholder that was left in. */
export interface LeftOver extends Place {
  readonly placeholder: string;
  /** Whether it may be meant as it stands. */
  readonly mayBeMeant: boolean;
}

/** Templates of the injector are templates: their braces are for istiod to fill. */
const TEMPLATES = /(^|\.)(templates|gatewayClasses)(\.|$)/;

/** The scalars of a file, with their lines; none where it is no YAML. Reads YAML 1.1, as istioctl does. */
export function scalarsOf({ name, text }: ConfigurationText): Place[] {
  const lines = new LineCounter();
  // A file may end with `---`.
  const documents = [
    ...parseAllDocuments(text, { version: '1.1', merge: true, logLevel: 'silent', lineCounter: lines }),
  ];
  if (documents.some(({ errors }) => errors.length > 0)) return [];
  const places: Place[] = [];
  for (const document of documents)
    visit(document, {
      Scalar: (key, node, ancestors) => {
        if (key === 'key' || node.value === null) return;
        const [start = 0, end = start] = node.range ?? [];
        places.push({
          name,
          line: lines.linePos(start).line,
          lastLine: lines.linePos(Math.max(start, end - 1)).line,
          path: pathOf(ancestors),
          value: typeof node.value === 'string' ? node.value : (node.source ?? ''),
        });
      },
    });
  return places;
}

function pathOf(ancestors: readonly (Document | Node | Pair)[]): string {
  return ancestors
    .flatMap((above, index) => {
      if (!isPair(above) || !isScalar(above.key)) return [];
      const map = ancestors[index - 1];
      const patch = isMap(map) && above.key.value === 'value' ? map.get('path') : undefined;
      return [`${typeof patch === 'string' ? `[${patch}]` : ''}.${String(above.key.value)}`];
    })
    .join('')
    .slice(1);
}

/**
 * Placeholders in a file's values; in a file that is no YAML, as `{{` makes it, those of its lines without comments. A
 * value such as `{{ x }}` without quotes is YAML, but a map, so lines are looked at there, too: but for those within a
 * value of several lines, which is no map.
 */
export function leftOversOf(file: ConfigurationText): LeftOver[] {
  const places = scalarsOf(file);
  const inValues = places.filter(({ path }) => !TEMPLATES.test(path)).flatMap(leftOversIn);
  const known = new Set([
    ...inValues.map(({ line }) => line),
    ...places.flatMap(({ line, lastLine }) =>
      Array.from({ length: lastLine - line }, (_, index) => line + 1 + index),
    ),
  ]);
  const unquoted = file.text.split('\n').flatMap((text, index) => {
    const value = text.replace(/(^|\s)#(?!\{).*$/, '');
    const looked = places.length === 0 || /(?::|-)\s*\{\{/.test(value);
    const line = index + 1;
    return looked && !known.has(line)
      ? leftOversIn({ name: file.name, line, lastLine: line, path: '', value })
      : [];
  });
  return [...inValues, ...unquoted];
}

function leftOversIn(place: Place): LeftOver[] {
  return placeholdersIn(place.value).map((placeholder) => ({
    ...place,
    placeholder,
    mayBeMeant: mayBeMeant(placeholder, place),
  }));
}

/** Where a version of images is written: as a tag of its own, or behind an image's colon (F01). */
export function placesOfTag(files: readonly ConfigurationText[], tag: string): Place[] {
  return files.flatMap(scalarsOf).filter(({ value }) => value === tag || value.endsWith(`:${tag}`));
}
