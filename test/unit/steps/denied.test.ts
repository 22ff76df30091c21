import { describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import type { View } from '../../../src/decide/upgrade.ts';
import type { Context } from '../../../src/steps/context.ts';
import { Inconclusive, type Step, StepFailed } from '../../../src/steps/step.ts';
import type { Ended, Istioctl } from '../../../src/istioctl/istioctl.ts';
import { parseVersion } from '../../../src/istio/version.ts';
import { silentLogger } from '../../../src/log.ts';
import { installRevision } from '../../../src/steps/install-revision.ts';
import { moveDefault } from '../../../src/steps/move-default.ts';
import { proveUnused } from '../../../src/steps/prove-unused.ts';
import { uninstallRevision } from '../../../src/steps/uninstall-revision.ts';
import { verifyProxies } from '../../../src/steps/verify-proxies.ts';
import { emptyReport } from '../report/reports.ts';
import { NEW, OLD, plane, view as viewOf } from '../../support/mesh.ts';

const TOKEN = {
  verb: 'create',
  group: '',
  resource: 'serviceaccounts',
  subresource: 'token',
  namespace: 'istio-system',
};
const ROLES = { verb: 'escalate', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' };

const there = viewOf({ planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)] });

/** A step's surroundings in which istioctl answers as told. */
function surroundings(istioctl: Partial<Istioctl>, remainingMs: () => number): [Context, View] {
  const proved = { istioctl: istioctl as Istioctl, proof: { source: 'x', sha256: 'y' } };
  const nothing = { get: () => Promise.resolve(undefined), list: () => Readable.from([]) };
  const context = {
    inputs: { istioNamespace: 'istio-system', config: [], set: [] },
    cluster: nothing,
    istioctl: { to: proved, from: proved },
    upgrade: there.upgrade,
    report: emptyReport(),
    log: silentLogger,
    runUrl: '',
    signal: new AbortController().signal,
    remainingMs,
    observe: () => Promise.resolve(there.mesh),
  } as unknown as Context;
  return [context, there];
}

async function failureOf(step: Step, [context, view]: [Context, View]): Promise<StepFailed> {
  return step.run(context, view).then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => error as StepFailed,
  );
}

const claim = verifyProxies(() => ({ side: 'to', mayBeNone: false, asksOther: false }));
const removal = { release: () => OLD, side: 'from' } as const;

describe('a right that istioctl lacks', () => {
  test.each([
    ['verify-proxies', claim],
    ['prove-unused', proveUnused(removal)],
  ])('ends %s at the first answer, by verb and resource', async (_, step) => {
    let asked = 0;
    const proxyStatus = () => {
      asked += 1;
      return Promise.resolve({ readable: false as const, reason: 'Error: forbidden', denied: [TOKEN] });
    };
    const failure = await failureOf(
      step,
      surroundings({ proxyStatus }, () => 600_000),
    );
    expect(failure).toBeInstanceOf(Inconclusive);
    expect(failure.findings).toMatchObject([
      {
        id: 'permission-missing',
        message: 'this credential may not create serviceaccounts/token in namespace istio-system',
      },
    ]);
    expect(asked).toBe(1);
  });

  test('is told apart from an istiod that does not answer yet: that is asked again', async () => {
    let asked = 0;
    const proxyStatus = () => {
      asked += 1;
      return Promise.resolve({ readable: false as const, reason: 'no istiod answered' });
    };
    const failure = await failureOf(
      claim,
      surroundings({ proxyStatus }, () => 2_500),
    );
    expect(failure.findings).toMatchObject([{ id: 'proxies-not-seen' }]);
    expect(asked).toBeGreaterThan(2);
  });

  const refused: Ended = {
    ok: false,
    code: 1,
    timedOut: false,
    aborted: false,
    words: 'Error: the end of a long text',
    denied: [ROLES, TOKEN],
    durationMs: 1,
  };
  test.each([
    ['install', installRevision([]), { install: () => Promise.resolve(refused) }],
    ['tag set', moveDefault('to'), { setTag: () => Promise.resolve(refused) }],
    [
      'uninstall',
      uninstallRevision(removal),
      {
        version: parseVersion('1.31.0'),
        uninstall: () => Promise.resolve(refused),
        uninstallDryRun: () => Promise.resolve({ readable: true as const, objects: [] }),
      },
    ],
  ])('is named first where %s fails for it, each of them', async (_, step, istioctl) => {
    const failure = await failureOf(
      step,
      surroundings(istioctl, () => 600_000),
    );
    expect(failure).toBeInstanceOf(StepFailed);
    expect(failure.findings.slice(0, 2).map(({ message }) => message)).toEqual([
      'this credential may not escalate clusterroles.rbac.authorization.k8s.io',
      'this credential may not create serviceaccounts/token in namespace istio-system',
    ]);
  });
});
