import { parseSelector } from '../istio/label-selector.ts';
import { GO_ALONG_IN_PLACE, type StragglerSelection } from '../istio/stragglers.ts';
import { readSelection } from './namespaces.ts';

const NAME = /^([A-Z][A-Za-z]{1,62} )?[a-z0-9][a-z0-9-]{0,62}\/(\*|[a-z0-9][a-z0-9.-]{0,252})$/;

/**
 * What may stay behind: `namespace/name`, `Kind namespace/name`, `namespace/*`, or a label selector of pods, one a line or
 * names with commas between. Throws a `Rejection` with all that is wrong.
 */
export function readStragglers(text: string): StragglerSelection {
  const { names, selectors } = readSelection(
    text,
    (name) => NAME.test(name),
    'allowed are namespace/name, Kind namespace/name (both as findings write them), namespace/* for all of a namespace, and label selectors of pods such as app=batch, one a line.',
  );
  return { names, selectors: selectors.map(parseSelector) };
}

/** In place, what is replaced with the control plane can't be named. */
export function stragglersFor(inPlace: boolean): (text: string) => StragglerSelection {
  return (text) => ({ ...readStragglers(text), ...(inPlace ? { goAlong: GO_ALONG_IN_PLACE } : {}) });
}
