import type { LabelSelector } from '../cluster/objects.ts';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

/**
 * Reads a label selector as people write it (`team=blue`, `tier in (web, api)`, `!experimental`, commas between), so that
 * it can be asked of labels that are not on the cluster any more.
 *
 * @param text one that `readNamespaces` has let pass
 */
export function parseSelector(text: string): LabelSelector {
  return { matchExpressions: text.split(/,(?![^(]*\))/).map((part) => requirementOf(part.trim())) };
}

function requirementOf(text: string): Requirement {
  const set = /^(\S+)\s+(in|notin)\s*\((.*)\)$/.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return { key, operator: operator === 'in' ? 'In' : 'NotIn', values };
  }
  const equal = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(text);
  if (equal !== null) {
    const [, key = '', operator, value = ''] = equal;
    return { key, operator: operator === '!=' ? 'NotIn' : 'In', values: [value] };
  }
  return text.startsWith('!')
    ? { key: text.slice(1).trim(), operator: 'DoesNotExist' }
    : { key: text, operator: 'Exists' };
}
