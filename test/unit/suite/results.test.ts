import { describe, expect, test } from '@jest/globals';
import type { ActView, Played } from '../../suite/play.ts';
import { Results } from '../../suite/results.ts';
import { withoutSuffix } from '../../suite/run-view.ts';
import type { Scenario } from '../../suite/scenario.ts';
import { timesTable } from '../../suite/table.ts';
import { scratch } from '../../support/scratch.ts';

const ACT: ActView = {
  act: 'canary',
  run: {
    outcome: 'succeeded',
    exitCode: 0,
    outputs: { state: 'canary' },
    findings: [],
    steps: ['install-revision: succeeded'],
    changes: [],
  },
  facts: {
    dataPlane: { shop: { '1-31-0@1.31.0': 2 } },
    labels: {},
    default: { injector: 'default', validator: 'default' },
    controlPlanes: {},
  },
};

function played(...acts: ActView[]): Played {
  return { acts, problems: [], durationMs: 1234 };
}

function scenario(id: string): Scenario {
  return { id, shows: '', mesh: 'default', leaves: 'changed', acts: [] };
}

describe('what came of a scenario on both clusters', () => {
  const dir = scratch('results');

  test('equal is no disagreement, whatever it took', () => {
    const results = new Results(dir);
    results.write('embedded', scenario('equal'), played(ACT));
    results.write('testbed', scenario('equal'), { ...played(ACT), durationMs: 99 });
    expect(results.disagreement(scenario('equal'))).toEqual([]);
  });

  test.each<[string, ActView[]]>([
    ['another outcome', [{ ...ACT, run: { ...ACT.run!, outcome: 'failed' } }]],
    ['another step', [{ ...ACT, run: { ...ACT.run!, steps: ['install-revision: skipped'] } }]],
    ['one pod less', [{ ...ACT, facts: { ...ACT.facts, dataPlane: { shop: { '1-31-0@1.31.0': 1 } } } }]],
    ['an act less', []],
    ['an act more', [ACT, ACT]],
  ])('%s is told', (id, acts) => {
    const results = new Results(dir);
    results.write('embedded', scenario(id), played(...acts));
    results.write('testbed', scenario(id), played(ACT));
    expect(results.disagreement(scenario(id)).length).toBe(1);
  });

  test('a result that is not there is told, never taken for agreement', () => {
    const results = new Results(dir);
    expect(results.disagreement(scenario('nowhere')).length).toBe(1);
    results.write('embedded', scenario('half'), played(ACT));
    expect(results.disagreement(scenario('half'))).toEqual(['there is no result of the testbed']);
  });

  test('times', () => {
    const results = new Results(dir);
    results.write('testbed', scenario('timed'), played(ACT));
    expect(timesTable([scenario('timed')], results)).toMatch(/timed +— +1\.2\n/);
  });

  test('names of pods lose what Kubernetes adds, and nothing else', () => {
    expect(withoutSuffix('Pod storefront/cart-7c9d8f6b5-x2x4z')).toBe('Pod storefront/cart-*');
    expect(withoutSuffix('Pod checkout/fraud-agent-x2x4z')).toBe('Pod checkout/fraud-agent-*');
    expect(withoutSuffix('Pod catalog/search-0')).toBe('Pod catalog/search-0');
    expect(withoutSuffix('Deployment storefront/cart')).toBe('Deployment storefront/cart');
  });
});
