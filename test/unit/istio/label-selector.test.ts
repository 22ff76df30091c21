import { describe, expect, test } from '@jest/globals';
import { matches } from '../../../src/istio/injection.ts';
import { parseSelector } from '../../../src/istio/label-selector.ts';

describe('a label selector, as people write it', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['team=blue', { team: 'blue' }, true],
    ['team=blue', { team: 'red' }, false],
    ['team == blue', { team: 'blue' }, true],
    ['team=', { team: '' }, true],
    ['team!=blue', { team: 'red' }, true],
    ['team!=blue', {}, true],
    ['team!=blue', { team: 'blue' }, false],
    ['team in (blue, red)', { team: 'red' }, true],
    ['team in (blue, red)', {}, false],
    ['team notin (blue,red)', { team: 'green' }, true],
    ['team notin (blue,red)', {}, true],
    ['team notin (blue,red)', { team: 'blue' }, false],
    ['team', { team: 'x' }, true],
    ['team', {}, false],
    ['!team', {}, true],
    ['! team', { team: 'x' }, false],
    ['team=blue, tier in (web, api), !old', { team: 'blue', tier: 'api' }, true],
    ['team=blue, tier in (web, api), !old', { team: 'blue', tier: 'api', old: '' }, false],
    ['team=blue, tier in (web, api), !old', { team: 'blue', tier: 'db' }, false],
    ['istio-injection=enabled', { 'istio-injection': 'enabled' }, true],
    ['example.com/team=blue', { 'example.com/team': 'blue' }, true],
    ['constructor', {}, false],
  ])('%s of %j: %s', (text, labels, expected) => {
    expect(matches(parseSelector(text), labels)).toBe(expected);
  });
});
