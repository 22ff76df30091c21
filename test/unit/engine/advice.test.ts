import { describe, expect, test } from '@jest/globals';
import { advise, untilNewer } from '../../../src/engine/advice.ts';
import type { Finding } from '../../../src/finding.ts';
import type { Report } from '../../../src/report/report.ts';
import type { View } from '../../../src/decide/upgrade.ts';
import { record } from '../../support/facts.ts';
import {
  type MeshSpec,
  NEW,
  OLD,
  installedGateway,
  plane,
  pod,
  shared,
  view,
  workload,
} from '../../support/mesh.ts';
import { emptyReport } from '../report/reports.ts';

const both: MeshSpec = { planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)] };
const error = (remedy: string): Finding => ({ id: 'x', severity: 'error', message: 'm', remedy });

function advised(changes: Partial<Report>, spec: MeshSpec = both): Report {
  const report = emptyReport({ next: '', ...changes });
  advise(report, view(spec));
  return report;
}

describe('M02, M12: a run that did not succeed', () => {
  test.each(['failed', 'refused', 'inconclusive', 'cancelled'] as const)(
    '%s never points forward: it tells the remedies of its errors',
    (outcome) => {
      for (const state of ['canarying', 'canary', 'promoted'] as const) {
        const { next, nextPhase } = advised({
          outcome,
          state,
          phase: 'canary',
          findings: [error('Mend it.')],
        });
        expect(nextPhase).toBeUndefined();
        expect(next).toBe('Mend it.');
      }
    },
  );

  test('warnings are not what stopped it; remedies are told once, two of them, and the rest is counted', () => {
    const findings: Finding[] = [
      { id: 'w', severity: 'warning', message: 'm', remedy: 'Never mind.' },
      error('One.'),
      error('One.'),
      error('Two.'),
      error('Three.'),
    ];
    expect(advised({ outcome: 'failed', state: 'canarying', findings }).next).toBe('One. Two. 1 more below.');
  });

  test('without a remedy: cancelled goes on, the others are to be read', () => {
    expect(advised({ outcome: 'cancelled', phase: 'promote', state: 'promoting' }).next).toContain(
      'Run promote again',
    );
    // Without being asked to remove, promote would find nothing to do.
    expect(advised({ outcome: 'cancelled', phase: 'promote', state: 'removing' }).next).toContain(
      'Run promote with remove-old: true',
    );
    expect(advised({ outcome: 'failed', phase: 'promote', state: 'promoting' }).next).toContain(
      'Read the findings',
    );
  });
});

describe('a run that did its work', () => {
  test.each([
    ['canary', 'canary', 'promote'],
    ['promote', 'promoted', 'promote'],
    ['precheck', 'none', 'canary'],
    ['precheck', 'rolled-back', 'canary'],
    ['precheck', 'completed', undefined],
    ['rollback', 'rolled-back', 'precheck'],
    ['promote', 'completed', undefined],
  ] as const)('%s, state %s: next is %s', (phase, state, expected) => {
    expect(advised({ outcome: 'succeeded', phase, state }).nextPhase).toBe(expected);
  });

  test('a dry run is followed by the phase itself', () => {
    expect(advised({ outcome: 'succeeded', phase: 'promote', state: 'canary', dryRun: true })).toMatchObject({
      nextPhase: 'promote',
      next: 'Run promote without dry-run to do it.',
    });
  });

  test('M13: where no state was seen, none is guessed', () => {
    const { next, nextPhase, rollback } = advised({ outcome: 'succeeded', phase: 'canary' });
    expect([next, nextPhase, rollback]).toEqual(['', undefined, undefined]);
  });
});

describe('a canary whose own scope is well while another is not', () => {
  const unproved = [error('Run canary with canary-namespaces: a, b.')];

  test.each([
    ['canary', 'succeeded', undefined],
    ['canary', 'no-changes', undefined],
    ['precheck', 'succeeded', 'canary'],
  ] as const)(
    '%s, %s: what is in the way is told, and never one more of the same',
    (phase, outcome, expected) => {
      const report = emptyReport({ next: '', phase, outcome, state: 'canarying' });
      advise(report, view(both), unproved);
      expect(report.next).toBe('Run canary with canary-namespaces: a, b.');
      expect(report.nextPhase).toBe(expected);
      expect(report.findings).toEqual([{ ...unproved[0], severity: 'warning' }]);
    },
  );

  test('of a canary that did not do its work its own errors are told', () => {
    const report = emptyReport({ next: '', phase: 'canary', outcome: 'failed', state: 'canarying' });
    report.findings.push(error('Mend it.'));
    advise(report, view(both), unproved);
    expect([report.next, report.findings.length]).toEqual(['Mend it.', 1]);
  });
});

describe('whether rollback works', () => {
  const rollback = (spec: MeshSpec, state: Report['state'] = 'promoted') =>
    advised({ outcome: 'succeeded', phase: 'promote', state }, spec).rollback;

  test('a mesh in another namespace is rolled back there, and not the one in istio-system', () => {
    expect(rollback({ ...both, istioNamespace: 'mesh-system' })?.how).toContain(
      `phase: rollback and version: ${NEW.version}, istio-namespace: mesh-system.`,
    );
  });

  test('with the version that the upgrade goes to, never the old one (M01)', () => {
    expect(rollback(both)).toMatchObject({
      ready: true,
      how: expect.stringContaining(`phase: rollback and version: ${NEW.version}`),
    });
  });

  test.each<[string, MeshSpec, string]>([
    [
      'the old control plane is gone',
      { planes: [plane(NEW.revision, NEW.version)] },
      'point of no return is past',
    ],
    [
      'it lacks its Service',
      { planes: [plane(OLD.revision, OLD.version, { service: false }), plane(NEW.revision, NEW.version)] },
      'point of no return is past',
    ],
    [
      'M10: it is scaled to zero',
      {
        planes: [
          plane(OLD.revision, OLD.version, {
            rollout: { done: true, desired: 0, updated: 0, available: 0, message: '' },
          }),
          plane(NEW.revision, NEW.version),
        ],
      },
      'is scaled to zero',
    ],
  ])('not where %s', (_, spec, words) => {
    expect(rollback(spec)).toMatchObject({ ready: false, how: expect.stringContaining(words) });
  });

  test('and there is nothing to go back from before and after', () => {
    for (const state of ['none', 'rolled-back'] as const) expect(rollback(both, state)?.ready).toBe(false);
  });
});

test('the way back asks for the files where Istio CNI went along with the canary, or a gateway', () => {
  const how = (spec: Partial<MeshSpec>): string =>
    advised({ outcome: 'succeeded', phase: 'canary', state: 'canary' }, { ...both, ...spec }).rollback?.how ??
    '';
  expect(how({})).not.toContain('config and set');
  expect(how({ shared: [shared({ goesWith: OLD.revision })] })).not.toContain('config and set');
  expect(how({ shared: [shared({ goesWith: NEW.revision })] })).toContain(
    'Give it the config and set of canary and promote: it puts back Istio CNI by them.',
  );
  // What a gateway of its own is rendered by is easily forgotten: without it istioctl takes its default profile.
  const gateways = { installedGateways: [installedGateway('istio-system/gw', NEW.revision)] };
  expect(how(gateways)).toContain(
    'Give it the gateway-config, config and set of canary and promote: it puts back the gateways by them.',
  );
});

describe('M28, M40: what others keep on the target, the way back says before anybody needs it', () => {
  const promoted: MeshSpec = { ...both, tags: { default: NEW.revision } };
  const target = { 'istio.io/rev': NEW.revision };
  const git = { tool: 'Argo CD', labels: ['istio.io/rev'] };
  const rollback = (spec: Partial<MeshSpec>, phase: Report['phase'] = 'promote') =>
    advised({ outcome: 'succeeded', phase, state: 'promoted' }, { ...promoted, ...spec }).rollback;

  test.each<[string, Partial<MeshSpec>, string]>([
    [
      'a namespace that Git labels for it',
      { namespaces: { g: target }, namespaceFacts: { g: { git } } },
      `First: Set istio.io/rev=${OLD.revision} of namespace g in Git (Argo CD keeps it, and undoes kubectl label). Then run this Action`,
    ],
    [
      'one that this Action moved, and Git labels for it by now',
      {
        namespaces: { g: target },
        originals: { g: { 'istio.io/rev': OLD.revision, 'istio-injection': null } },
        namespaceFacts: { g: { git } },
      },
      `First: Set istio.io/rev=${OLD.revision} of namespace g in Git`,
    ],
    [
      'one that somebody has labelled',
      { namespaces: { g: target } },
      `First: Label namespace g for ${OLD.revision} (kubectl label namespace g istio.io/rev=${OLD.revision} --overwrite).`,
    ],
    [
      'a template of a chart',
      {
        workloads: [
          workload('edge/gw', {
            injectedBy: [NEW.revision],
            pinnedRevision: NEW.revision,
            keptBy: { release: undefined, git: 'Flux', gatewayChart: true },
          }),
        ],
      },
      `First: Flux keeps Deployment edge/gw: set the value revision of its chart to ${OLD.revision} in Git.`,
    ],
  ])('%s', (_, spec, words) => {
    for (const phase of ['canary', 'promote', 'rollback'] as const)
      expect(rollback(spec, phase)).toMatchObject({ ready: false, how: expect.stringContaining(words) });
  });

  test('not what this Action moved and brings back, or what follows the default', () => {
    const namespaces = { a: target, b: { 'istio-injection': 'enabled' } };
    const originals = { a: { 'istio.io/rev': OLD.revision, 'istio-injection': null } };
    expect(rollback({ namespaces, originals })?.ready).toBe(true);
  });

  test('many are counted', () => {
    const namespaces = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, target]));
    expect(rollback({ namespaces })?.how).toContain(`And 2 more that choose ${NEW.revision}.`);
  });
});

describe('whether rollback works in place', () => {
  const R = 'default';
  const from = { revision: R, version: '1.30.3' };
  const to = { revision: R, version: '1.31.0' };
  const NEWER = 'acknowledge: proxies-newer-than-control-plane';
  const rolling = { done: false, desired: 2, updated: 1, available: 1, message: '1 of 2 updated' };
  const at = (name: string, version: string) => pod(name, R, { version });
  const seen = (changes: Parameters<typeof plane>[2], ...proxies: string[]): MeshSpec => ({
    planes: [plane(R, '1.31.0', changes)],
    tags: { default: R },
    pods: proxies.map((version, index) => at(`a/${String(index)}`, version)),
  });
  const rollback = (spec: MeshSpec, sides = { from, to }, known: Partial<View> = {}) => {
    const report = emptyReport({ next: '', outcome: 'failed', phase: 'canary', state: 'canarying' });
    const seenLast = view(spec);
    advise(report, { ...seenLast, ...known, upgrade: { ...seenLast.upgrade, ...sides } });
    return report.rollback ?? { ready: undefined, how: '' };
  };

  test('in another namespace it is done there', () => {
    const there = { ...seen({}, '1.31.0', '1.30.3'), istioNamespace: 'mesh-system' };
    expect(rollback(there).how).toContain(
      'phase: rollback, version: 1.31.0, istio-namespace: mesh-system and the config and set',
    );
  });

  test('it does, also where the newer istiod does not serve and nothing has moved yet', () => {
    expect(rollback(seen({}, '1.31.0', '1.30.3'))).toMatchObject({
      ready: true,
      how: expect.stringMatching(
        /^Run this Action with strategy: in-place, phase: rollback, version: 1.31.0 /,
      ),
    });
    expect(rollback(seen({ rollout: rolling }, '1.30.3')).ready).toBe(true);
  });

  test('not where rollback is refused: what it would say comes first', () => {
    const { ready, how } = rollback(seen({ rollout: rolling }, '1.31.0', '1.30.3'));
    expect(ready).toBe(false);
    expect(how).toMatch(
      /^Rollback would be refused \(proxies-newer-than-control-plane\). First: Repair istiod 1.31.0 /,
    );
    expect(how).toContain(NEWER);
    expect(how).toContain('Then run this Action with strategy: in-place, phase: rollback, version: 1.31.0 ');
  });

  test('nor where the newer istiod can not give out the older proxy', () => {
    const sides = { from: { revision: R, version: '1.5.10' }, to: { revision: R, version: '1.6.14' } };
    const both = { planes: [plane(R, '1.6.14')], tags: { default: R }, pods: [at('a/0', '1.6.14')] };
    expect(rollback(both, sides)).toMatchObject({ ready: false, how: expect.stringContaining(NEWER) });
    expect(rollback({ ...both, pods: [at('a/0', '1.5.10')] }, sides).ready).toBe(true);
  });

  test('nor where somebody has scaled istiod to zero, or what may stay would be newer than its istiod', () => {
    const none = { done: true, desired: 0, updated: 0, available: 0, message: '' };
    expect(rollback(seen({ rollout: none }, '1.30.3'))).toMatchObject({
      ready: false,
      how: expect.stringContaining('kubectl scale deployment istiod'),
    });
    const stays = { ...seen({}), pods: [{ ...at('a/0', '1.31.0'), accepted: true }] };
    expect(rollback(stays)).toMatchObject({ ready: false, how: expect.stringContaining(NEWER) });
  });

  test('nor over what another of its checks refuses: a pinned image, Istio CNI of its own, a proxy newer than both', () => {
    const moved = seen({}, '1.31.0');
    const image = 'docker.io/istio/proxyv2:1.31.0';
    const pinned = rollback({
      ...moved,
      pods: [at('a/web-1', '1.31.0')],
      workloads: [workload('a/web', { injectedBy: [R], proxyImage: image })],
    });
    expect(pinned).toMatchObject({
      ready: false,
      how: expect.stringMatching(
        /^Rollback would be refused \(template-pins-proxy-image\). First: Take the annotation away from the template of Deployment a\/web\./,
      ),
    });
    // It would be refused for that next.
    expect(pinned.how).not.toContain('allow-stragglers');
    const along = rollback({ ...moved, shared: [shared({ goesWith: R })] });
    expect(along).toMatchObject({ ready: false, how: expect.stringContaining('cni-goes-with-revision') });
    expect(along.how).not.toContain('strategy: revision');
    expect(rollback({ ...moved, pods: [at('a/0', '1.32.0')] })).toMatchObject({
      ready: false,
      how: expect.stringContaining(NEWER),
    });
  });

  test('what canary was allowed to lose does not come back, and that is said', () => {
    const given = { record: record({ from, to, givenUp: ['meshConfig.accessLogFile'] }) };
    expect(rollback(seen({}, '1.31.0'), { from, to }, given)).toMatchObject({
      ready: true,
      how: expect.stringContaining(
        'What was allowed to change does not get as it was: meshConfig.accessLogFile.',
      ),
    });
    expect(rollback(seen({}, '1.31.0')).how).not.toContain('come back');
  });
});

test('with nothing to upgrade, it says that changed configuration alone goes nowhere, where some is given', () => {
  expect(untilNewer({ config: [], set: [] })).toBe('Nothing, until there is a newer version.');
  for (const given of [
    { config: ['/mesh.yaml'], set: [] },
    { config: [], set: ['hub=x'] },
  ]) {
    expect(untilNewer(given)).toMatch(/^Nothing, until .* config and set are not compared .* installed/);
  }
});

test('after a rollback it says that Git may hold the version still', () => {
  const { next, nextPhase } = advised({ outcome: 'rolled-back', state: 'rolled-back', phase: 'rollback' });
  expect(next).toContain('put it back there, too');
  expect(nextPhase).toBe('precheck');
});
