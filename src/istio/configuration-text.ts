import { LineCounter, isScalar, parseDocument, visit } from 'yaml';
import { placeholdersIn } from './placeholders.ts';

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
  /** Keys from the top, such as `spec.tag`; empty where the file is no YAML. */
  readonly path: string;
  readonly value: string;
}

/** A placeholder that was left in. */
export interface LeftOver extends Place {
  readonly placeholder: string;
}

/** Templates of the injector are templates: their braces are for istiod to fill. */
const TEMPLATES = /(^|\.)(templates|gatewayClasses)(\.|$)/;

/** The scalars of a file, with their lines; none where it is no YAML. Reads YAML 1.1, as istioctl does. */
export function scalarsOf({ name, text }: ConfigurationText): Place[] {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    merge: true,
    logLevel: 'silent',
    lineCounter: lines,
  });
  if (document.errors.length > 0) return [];
  const places: Place[] = [];
  visit(document, {
    Scalar: (key, node, ancestors) => {
      if (key === 'key' || node.value === null) return;
      const path = ancestors.flatMap((above) =>
        'key' in above && isScalar(above.key) ? [String(above.key.value)] : [],
      );
      const value = typeof node.value === 'string' ? node.value : (node.source ?? '');
      places.push({ name, line: lines.linePos(node.range?.[0] ?? 0).line, path: path.join('.'), value });
    },
  });
  return places;
}

/**
 * Placeholders in a file's values; in a file that is no YAML, as `{{` makes it, those of its lines without comments. A
 * value such as `{{ x }}` without quotes is YAML, but a map, so lines are looked at there, too.
 */
export function leftOversOf(file: ConfigurationText): LeftOver[] {
  const places = scalarsOf(file);
  const inValues = places.filter(({ path }) => !TEMPLATES.test(path)).flatMap(leftOversIn);
  const known = new Set(inValues.map(({ line }) => line));
  const unquoted = file.text.split('\n').flatMap((text, index) => {
    const value = text.replace(/(^|\s)#(?!\{).*$/, '');
    const looked = places.length === 0 || /(?::|-)\s*\{\{/.test(value);
    return looked && !known.has(index + 1)
      ? leftOversIn({ name: file.name, line: index + 1, path: '', value })
      : [];
  });
  return [...inValues, ...unquoted];
}

function leftOversIn(place: Place): LeftOver[] {
  return placeholdersIn(place.value).map((placeholder) => ({ ...place, placeholder }));
}

/** Where a version of images is written: as a tag of its own, or behind an image's colon (F01). */
export function placesOfTag(files: readonly ConfigurationText[], tag: string): Place[] {
  return files.flatMap(scalarsOf).filter(({ value }) => value === tag || value.endsWith(`:${tag}`));
}
