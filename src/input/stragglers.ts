import { Rejection, quote } from '../input-error.ts';
import { parseSelector } from '../istio/label-selector.ts';
import type { StragglerSelection } from '../istio/stragglers.ts';
import { lines } from './lines.ts';
import { isSelector, looksLikeSelector } from './namespaces.ts';

const NAME = /^([A-Z][A-Za-z]{1,62} )?[a-z0-9][a-z0-9-]{0,62}\/(\*|[a-z0-9][a-z0-9.-]{0,252})$/;

/**
 * What may stay behind: `namespace/name`, `Kind namespace/name`, `namespace/*`, or a label selector of pods, one a line or
 * names with commas between. Throws a `Rejection` with all that is wrong.
 */
export function readStragglers(text: string): StragglerSelection {
  const given = lines(text);
  const selectors = given.filter(looksLikeSelector);
  const names = given
    .filter((line) => !looksLikeSelector(line))
    .flatMap((line) => line.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const wrong = [
    ...names.filter((name) => !NAME.test(name)),
    ...selectors.filter((selector) => !isSelector(selector)),
  ];
  if (wrong.length > 0) {
    throw new Rejection(
      wrong.slice(0, 5).map(quote).join(', '),
      'allowed are namespace/name, Kind namespace/name (both as findings write them), namespace/* for all of a namespace, and label selectors of pods such as app=batch, one a line.',
    );
  }
  return { names: [...new Set(names)], selectors: [...new Set(selectors)].map(parseSelector) };
}
