import { describe, expect, test } from '@jest/globals';
import { results } from './jest.ts';
import { playsOn } from './run-scenario.ts';
import { SCENARIOS } from './scenarios/index.ts';

/** `npm test` runs this last: the testbed is the judge, and the embedded cluster must not differ from it. */
describe('the embedded cluster shows what the testbed shows', () => {
  test.each(SCENARIOS.filter((scenario) => playsOn(scenario, 'testbed')))('$id', (scenario) => {
    const both = results();
    if (both === undefined)
      throw new Error('SCENARIO_RESULTS does not say where the results are: run npm test');
    expect(both.disagreement(scenario)).toEqual([]);
  });
});
