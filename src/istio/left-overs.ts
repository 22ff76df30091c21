import type { Finding } from '../finding.ts';
import type { RenderedObject } from '../istioctl/manifest.ts';
import { type ConfigurationText, type LeftOver, leftOversOf } from './configuration-text.ts';
import { nameOfObject } from './own-objects.ts';

/**
 * What was left to be filled in: told by the files, where the line can be told; else by what would be installed. A
 * placeholder that may be meant as it stands is told, once a value: only who wrote it knows. What the rendering shows in a
 * place where nobody fills it in is not meant, whatever the text it comes from.
 */
export function judgePlaceholders({
  texts,
  objects,
}: {
  readonly texts: readonly ConfigurationText[];
  readonly objects: readonly RenderedObject[];
}): Finding[] {
  const leftOvers = texts.flatMap(leftOversOf);
  const certain = leftOvers.filter(({ mayBeMeant }) => !mayBeMeant);
  const known = new Set(certain.map(({ placeholder }) => placeholder));
  const installed = new Set(objects.flatMap(({ placeholders }) => placeholders));
  const inFiles = certain.map((leftOver) => ({
    message: `${placeOf(leftOver)}: ${short(leftOver.placeholder)} was left to be filled in${keysOf(leftOver)}`,
  }));
  const inObjects = objects.flatMap((object) =>
    object.placeholders
      .filter((placeholder) => !known.has(placeholder))
      .map((placeholder) => ({
        object: nameOfObject(object),
        message: `${short(placeholder)} was left to be filled in, and would be installed as it is`,
      })),
  );
  const unclear = Map.groupBy(
    leftOvers.filter(({ mayBeMeant, placeholder }) => mayBeMeant && !installed.has(placeholder)),
    (leftOver) => `${placeOf(leftOver)}${keysOf(leftOver)}`,
  );
  return [
    ...[...inFiles, ...inObjects].map((about) => ({
      id: 'configuration-placeholder',
      severity: 'error' as const,
      ...about,
      remedy: 'Fill it in before this Action runs (envsubst, helm template, kustomize …), or take it out.',
    })),
    ...[...unclear.values()].flatMap(toldOnce),
  ];
}

function toldOnce([first, ...more]: readonly LeftOver[]): Finding[] {
  if (first === undefined) return [];
  const others = more.length === 0 ? '' : ` and ${String(more.length)} more`;
  return [
    {
      id: 'configuration-placeholder',
      severity: 'warning',
      message: `${placeOf(first)}: ${short(first.placeholder)}${others} would be installed as written${keysOf(first)}`,
      remedy:
        'Nothing, if it is a script or a template that is filled in on the cluster. Else fill it in before this Action runs.',
    },
  ];
}

function placeOf({ name, line }: LeftOver): string {
  return `${name}, line ${String(line)}`;
}

function keysOf({ path }: LeftOver): string {
  return path === '' ? '' : ` (${path})`;
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
