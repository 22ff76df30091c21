import { describe, expect, test } from '@jest/globals';
import type { CheckView } from '../../../src/checks/check.ts';
import {
  controlPlaneInPlace,
  redundancy,
  scaledToZeroInPlace,
} from '../../../src/checks/in-place/control-plane.ts';
import { defaultRevisionInPlace } from '../../../src/checks/in-place/default-revision.ts';
import { gatewaysInPlace, gatewaysOnTheWayBack } from '../../../src/checks/in-place/gateways.ts';
import { heldVariants } from '../../../src/checks/in-place/held-variants.ts';
import { newerProxies, stayNewer, toldProxies } from '../../../src/checks/in-place/proxies.ts';
import { proxySkew } from '../../../src/checks/in-place/skew.ts';
import { wayBackInPlace } from '../../../src/checks/in-place/way-back.ts';
import { oldInstalledGateways } from '../../../src/checks/old-gateways.ts';
import { NOTHING_BEFORE } from '../../../src/istio/before.ts';
import { checkView } from '../../support/check-view.ts';
import { record } from '../../support/facts.ts';
import { type MeshSpec, installedGateway, plane, pod, workload } from '../../support/mesh.ts';

const R = 'default';
const A = { revision: R, version: '1.30.3' };
const B = { revision: R, version: '1.31.0' };
const upgrade = { attempt: 'x', from: A, to: B, scope: { namespaces: ['a'], tags: [] }, tags: {} };
const view = (spec: MeshSpec, changes: Partial<CheckView> = {}): CheckView =>
  checkView({ tags: { default: R }, ...spec }, { upgrade, ...changes });
const ids = (findings: readonly { readonly id: string; readonly severity: string }[]): string[] =>
  findings.map(({ id, severity }) => `${severity} ${id}`);
const BROKEN = { service: false };

describe('issue 14: before an upgrade in place', () => {
  test('a control plane that is not well stops it, but not one that is the target already', () => {
    expect(ids(controlPlaneInPlace(view({ planes: [plane(R, '1.30.3', BROKEN)] })))).toEqual([
      'error current-control-plane-incomplete',
    ]);
    expect(controlPlaneInPlace(view({ planes: [plane(R, '1.31.0', BROKEN)] }))).toEqual([]);
  });

  test('one that is the target already and scaled to zero stops it: installing does not scale it up', () => {
    const none = { done: true, desired: 0, updated: 0, available: 0, message: '' };
    expect(ids(controlPlaneInPlace(view({ planes: [plane(R, '1.31.0', { rollout: none })] })))).toEqual([
      'error target-scaled-to-zero',
    ]);
    const back = view({ planes: [plane(R, '1.30.3', { rollout: none })] });
    expect(ids(scaledToZeroInPlace(back))).toEqual(['error target-scaled-to-zero']);
    expect(scaledToZeroInPlace(view({ planes: [plane(R, '1.30.3')] }))).toEqual([]);
  });

  test('who else owns it is asked in any case', () => {
    expect(ids(controlPlaneInPlace(view({ planes: [plane(R, '1.31.0', { owner: 'helm' })] })))).toEqual([
      'error mesh-owner-not-supported',
    ]);
  });

  test('nobody is the default: what that means in place, and the command', () => {
    const spec = { planes: [plane(R, '1.30.3')], defaultValidator: R };
    expect(defaultRevisionInPlace(view(spec))).toEqual([]);
    const [none] = defaultRevisionInPlace(view({ ...spec, tags: {} }));
    expect([none?.id, none?.message]).toEqual([
      'default-webhook-missing',
      expect.stringContaining('installing in place would make one'),
    ]);
    expect(none?.remedy).toContain(
      'say so first: istioctl tag set default --revision default --overwrite -y.',
    );
  });

  test('one replica, and no budget for two, are told', () => {
    const of = (desired: number) =>
      plane(R, '1.30.3', {
        rollout: { done: true, desired, updated: desired, available: desired, message: '' },
      });
    const owned = [
      {
        kind: 'Deployment',
        namespace: 'istio-system',
        name: 'istiod',
        uid: 'u',
        revision: R,
        terminating: false,
        content: undefined,
      },
    ] as const;
    expect(ids(redundancy(view({ planes: [of(1)] })))).toEqual([
      'info in-place-reaches-all',
      'warning control-plane-has-one-replica',
    ]);
    expect(ids(redundancy(view({ planes: [of(2)], owned })))).toEqual([
      'info in-place-reaches-all',
      'warning control-plane-without-budget',
    ]);
    expect(ids(redundancy(view({ planes: [of(2)] })))).toEqual(['info in-place-reaches-all']);
    expect(ids(redundancy(view({ planes: [{ ...of(2), stopsToRoll: true }] })))).toEqual([
      'info in-place-reaches-all',
      'warning control-plane-would-stop',
    ]);
  });

  test('a gateway that istioctl did not install is refused', () => {
    expect(
      ids(gatewaysInPlace(view({ planes: [plane(R, '1.30.3')], gateways: ['Gateway edge/shop'] }))),
    ).toEqual(['error gateways-not-yet-moved']);
  });

  test('one that comes half-way has a way on', () => {
    const spec = { planes: [plane(R, '1.31.0')], gateways: ['Gateway edge/shop'] };
    const remedy = (changes: Partial<CheckView> = {}) => gatewaysInPlace(view(spec, changes))[0]?.remedy;
    expect(remedy()).toContain('by hand');
    expect(remedy({ record: record({ from: A, to: B }) })).toContain('run this phase again, or rollback');
  });

  test('a gateway of istioctl is replaced in canary, wherever it is: it must serve all the while', () => {
    const of = (servesThroughout: boolean) =>
      ids(
        gatewaysInPlace(
          view(
            {
              planes: [plane(R, '1.30.3')],
              installedGateways: [installedGateway('istio-system/edge', R)],
              workloads: [workload('istio-system/edge', { gateway: 'installed', servesThroughout })],
            },
            { phase: 'canary' },
          ),
        ),
      );
    expect(of(true)).toEqual([]);
    expect(of(false)).toEqual(['error gateway-would-stop']);
  });

  test('istioctl install waits for a gateway that was broken before: nothing begins, and what has begun goes on', () => {
    const name = 'Deployment istio-system/edge';
    const of = (phase: CheckView['phase'], version: string, broken = [name]) =>
      ids(
        gatewaysInPlace(
          view(
            {
              planes: [plane(R, version)],
              installedGateways: [installedGateway('istio-system/edge', R)],
              workloads: [workload('istio-system/edge', { gateway: 'installed' })],
              pods: [pod('istio-system/edge-1', R, { version })],
            },
            { phase, before: { ...NOTHING_BEFORE, troubled: new Set(broken) } },
          ),
        ),
      );
    expect(of('precheck', '1.30.3')).toEqual(['error gateway-not-healthy']);
    expect(of('canary', '1.30.3')).toEqual(['error gateway-not-healthy']);
    expect(of('canary', '1.30.3', [])).toEqual([]);
    // The control plane and its gateways are there: nothing is left to install.
    expect(of('canary', '1.31.0')).toEqual([]);
    expect(of('promote', '1.30.3')).toEqual([]);
  });

  test('the way back tells of a gateway that it rolls and that would stop, and is not stopped by it', () => {
    const of = (version: string, servesThroughout = false) =>
      ids(
        gatewaysOnTheWayBack(
          view(
            {
              planes: [plane(R, '1.31.0')],
              installedGateways: [installedGateway('istio-system/edge', R)],
              workloads: [workload('istio-system/edge', { gateway: 'installed', servesThroughout })],
              pods: [pod('istio-system/edge-1', R, { version, owner: { kind: 'Deployment', name: 'edge' } })],
            },
            { phase: 'rollback' },
          ),
        ),
      );
    expect([of('1.31.0'), of('1.31.0', true), of('1.30.3')]).toEqual([
      ['warning gateway-would-stop'],
      [],
      [],
    ]);
  });

  test('a proxy whose version nobody can tell is refused where it would move', () => {
    const pods = [pod('a/p', R, { version: undefined }), pod('b/p', R, { version: undefined })];
    const spec = { planes: [plane(R, '1.30.3')], pods };
    expect(ids(toldProxies(view(spec)))).toEqual([
      'error proxy-version-untold',
      'warning proxy-version-untold',
    ]);
    expect(ids(toldProxies(view(spec, { phase: 'promote' })))).toEqual([
      'error proxy-version-untold',
      'error proxy-version-untold',
    ]);
    expect(
      toldProxies(view({ ...spec, pods: [pod('a/p', R, { version: undefined, accepted: true })] })),
    ).toEqual([]);
  });
});

describe('H40: each proxy’s own version against the istiod that is to serve it', () => {
  const owner = { kind: 'Deployment', name: 'w' };
  const told = (istiod: string, proxy: string, changes: Partial<CheckView> = {}, more: object = {}) =>
    ids(
      proxySkew(
        view(
          { planes: [plane(R, istiod)], pods: [pod('b/w-1', R, { version: proxy, owner, ...more })] },
          changes,
        ),
      ),
    );
  const NEWER = 'proxies-newer-than-control-plane';
  const back = { phase: 'rollback' as const };

  test('up, what an earlier upgrade has left would be two minor releases behind', () => {
    expect(told('1.30.3', '1.29.6')).toEqual(['warning proxies-too-old-for-control-plane']);
    expect(told('1.30.3', '1.30.1')).toEqual([]);
    expect(told('1.29.6', '1.29.6')).toEqual([]);
    expect(told('1.30.3', '1.29.6', back)).toEqual([]);
    const down = { upgrade: { ...upgrade, from: B, to: A } };
    expect(told('1.31.0', '1.29.6', down)).toEqual([]);
  });

  test('istiod was put back by hand, and the proxies were not', () => {
    expect(told('1.30.3', '1.31.0')).toEqual([`warning ${NEWER}`]);
    expect(told('1.30.3', '1.30.9')).toEqual([]);
  });

  test('a rollback puts istiod beneath what it does not restart: by leave alone, and told once it is so', () => {
    expect(told('1.31.0', '1.32.0', back)).toEqual([`error ${NEWER}`]);
    const acknowledge = [NEWER];
    const asked = { cni: 'leave' as const, waitForOwnersMs: 0, allowDowngrade: false, acknowledge };
    expect(told('1.31.0', '1.32.0', { ...back, asked })).toEqual([`warning ${NEWER}`]);
    expect(told('1.30.3', '1.32.0', back)).toEqual([`warning ${NEWER}`]);
    // It restarts these itself.
    expect(told('1.31.0', '1.31.0', back)).toEqual([]);
  });

  test('who is not served by it, or goes with it, is none of it', () => {
    expect(told('1.31.0', '1.32.0', back, { revision: 'other' })).toEqual([]);
    expect(told('1.31.0', '1.32.0', back, { terminating: true })).toEqual([]);
    const spec = {
      planes: [plane(R, '1.31.0')],
      installedGateways: [installedGateway('b/w', R)],
      pods: [pod('b/w-1', R, { version: '1.32.0', owner })],
    };
    expect(proxySkew(view(spec, back))).toEqual([]);
  });

  test('each owner is told once, with what gets it to where the phase takes it', () => {
    const pods = [
      pod('b/w-1', R, { version: '1.32.0', owner }),
      pod('b/w-2', R, { version: '1.32.0', owner }),
      pod('b/alone', R, { version: '1.32.0', owner: undefined, keepsImage: true }),
      pod('b/held-0', R, { version: '1.32.0', owner: { kind: 'StatefulSet', name: 'held' } }),
    ];
    const workloads = [workload('b/held', { kind: 'StatefulSet', onDelete: true })];
    const found = proxySkew(view({ planes: [plane(R, '1.31.0')], pods, workloads }, back));
    expect(found.map(({ object, remedy }) => [object, remedy])).toEqual([
      [
        'Deployment b/w',
        expect.stringContaining(
          'kubectl rollout restart deployment w -n b) while istiod 1.31.0 runs: its proxy is then one that rollback takes back.',
        ),
      ],
      ['Pod b/alone', expect.stringMatching(/^Take the annotation .* Have pod b\/alone made anew while/)],
      [
        'StatefulSet b/held',
        expect.stringMatching(/OnDelete\)\. Delete each .* delete pod held-0 -n b\) while/),
      ],
    ]);
  });
});

describe('H40: proxies newer than their istiod', () => {
  const pods = [pod('a/p', R, { version: '1.31.0' })];
  const down = { planes: [plane(R, '1.31.0', BROKEN)], pods };

  test('where the newer istiod can not give out the older proxy, that must be acknowledged', () => {
    expect(ids(newerProxies(view(down)))).toEqual(['error proxies-newer-than-control-plane']);
    expect(ids(newerProxies(view(down, { asked })))).toEqual(['warning proxies-newer-than-control-plane']);
  });

  const asked = {
    cni: 'leave' as const,
    waitForOwnersMs: 0,
    allowDowngrade: true,
    acknowledge: ['proxies-newer-than-control-plane'],
  };
  const stays = {
    planes: [plane(R, '1.31.0')],
    pods: [pod('a/p', R, { version: '1.31.0', accepted: true }), ...pods],
  };
  const onPurpose = { ...upgrade, from: B, to: A };

  test('leave to stay is none to stay newer: rollback', () => {
    const [told, ...others] = stayNewer(view(stays, { phase: 'rollback' }));
    expect([told?.severity, told?.id, told?.object]).toEqual([
      'error',
      'proxies-newer-than-control-plane',
      'Pod a/p',
    ]);
    expect(others).toEqual([]);
    expect(ids(stayNewer(view(stays, { phase: 'rollback', asked })))).toEqual([
      'warning proxies-newer-than-control-plane',
    ]);
    expect(stayNewer(view(stays, { phase: 'rollback', upgrade: onPurpose }))).toEqual([]);
  });

  test('leave to stay is none to stay newer: down on purpose, where promote takes istiod down', () => {
    const at = (phase: 'precheck' | 'canary' | 'promote') =>
      ids(stayNewer(view(stays, { phase, upgrade: onPurpose })));
    expect(at('canary')).toEqual(['warning proxies-newer-than-control-plane']);
    expect(at('promote')).toEqual(['error proxies-newer-than-control-plane']);
    expect(at('precheck')).toEqual(['error proxies-newer-than-control-plane']);
    expect(stayNewer(view(stays, { phase: 'promote' }))).toEqual([]);
  });

  test('nor is what was broken before, which down on purpose is not restarted', () => {
    const broken = {
      planes: [plane(R, '1.31.0')],
      workloads: [
        workload('a/p', { rollout: { done: false, desired: 2, updated: 2, available: 1, message: '' } }),
      ],
      pods: [pod('a/p-1', R, { version: '1.31.0' }), pod('a/p-2', R, { version: '1.31.0', ready: false })],
    };
    const before = { ...NOTHING_BEFORE, troubled: new Set(['Deployment a/p']) };
    const [told, ...others] = stayNewer(view(broken, { phase: 'promote', upgrade: onPurpose, before }));
    expect([told?.severity, told?.object, others]).toEqual(['error', 'Pod a/p-1', []]);
    expect(told?.remedy).toContain('Repair Deployment a/p');
    expect(stayNewer(view(broken, { phase: 'promote', upgrade: onPurpose }))).toEqual([]);
    // A rollback takes back what it has moved, whether it is well or not.
    expect(stayNewer(view(broken, { phase: 'rollback', before }))).toEqual([]);
  });

  test('not where it serves, nor where no proxy is newer, nor on the way up', () => {
    expect(newerProxies(view({ ...down, planes: [plane(R, '1.31.0')] }))).toEqual([]);
    expect(newerProxies(view({ ...down, pods: [pod('a/p', R, { version: '1.30.3' })] }))).toEqual([]);
    expect(newerProxies(view(down, { upgrade: { ...upgrade, from: B, to: A } }))).toEqual([]);
  });
});

describe('H40: 1.6 and 1.5, whose proxies are told in another way where istiod is', () => {
  const of15 = { revision: R, version: '1.5.10' };
  const of16 = { revision: R, version: '1.6.14' };
  const up = { ...upgrade, from: of15, to: of16 };
  const there = { planes: [plane(R, '1.6.14')], pods: [pod('a/p', R, { version: '1.6.14' })] };

  test('what the way back asks for is told before anything is touched', () => {
    const [told, ...others] = wayBackInPlace(view({ planes: [plane(R, '1.5.10')] }, { upgrade: up }));
    expect([told?.severity, told?.id, others]).toEqual(['warning', 'way-back-leaves-newer-proxies', []]);
    expect(told?.remedy).toContain("kubectl on the runner's PATH");
    expect(wayBackInPlace(view({ planes: [plane(R, '1.30.3')] }))).toEqual([]);
    const next = { ...upgrade, from: of16, to: { revision: R, version: '1.7.8' } };
    expect(wayBackInPlace(view({ planes: [plane(R, '1.6.14')] }, { upgrade: next }))).toEqual([]);
    const patch = { ...upgrade, from: { ...of15, version: '1.5.9' }, to: of15 };
    expect(wayBackInPlace(view({ planes: [plane(R, '1.5.9')] }, { upgrade: patch }))).toEqual([]);
  });

  test('rollback wants it acknowledged, also where the newer istiod serves', () => {
    const [wanted] = newerProxies(view(there, { upgrade: up, phase: 'rollback' }));
    expect([wanted?.severity, wanted?.id]).toEqual(['error', 'proxies-newer-than-control-plane']);
    expect(wanted?.message).toContain('1.6.14 can not give out proxies of 1.5.10');
    expect(wanted?.remedy).not.toContain('Repair');
    const next = { ...upgrade, from: of16, to: { revision: R, version: '1.7.8' } };
    const same = { planes: [plane(R, '1.7.8')], pods: [pod('a/p', R, { version: '1.7.8' })] };
    expect(newerProxies(view(same, { upgrade: next, phase: 'rollback' }))).toEqual([]);
  });

  test('gateways that do not say whose they are are refused', () => {
    const spec = { installedGateways: [installedGateway('istio-system/edge', R)] };
    const of = (from: string, to: string) =>
      ids(
        oldInstalledGateways(
          view(
            { planes: [plane(R, from)], ...spec },
            {
              upgrade: { ...upgrade, from: { revision: R, version: from }, to: { revision: R, version: to } },
            },
          ),
        ),
      );
    expect(of('1.7.8', '1.8.6')).toEqual(['error old-gateway-not-supported']);
    expect(of('1.8.6', '1.9.9')).toEqual([]);
  });
});

describe('a variant of the proxy that pods ask for by themselves, on the way down', () => {
  const spec = {
    planes: [plane(R, '1.31.0')],
    workloads: [
      workload('a/p', { proxyVariant: 'distroless' }),
      workload('a/q'),
      workload('a/back', { proxyVariant: 'debug' }),
    ],
    pods: [
      pod('a/p-1', R, { version: '1.31.0' }),
      pod('a/q-1', R, { version: '1.31.0' }),
      pod('a/back-1', R, { version: '1.30.3' }),
    ],
  };
  const downgrade = { ...upgrade, from: B, to: A };

  test('is told of those that go back, with what to do after it', () => {
    const told = heldVariants(view(spec, { phase: 'rollback' }));
    expect(told).toMatchObject([
      {
        id: 'held-proxy-loses-variant',
        severity: 'warning',
        object: 'Deployment a/p',
        message: expect.stringContaining('distroless'),
        remedy: expect.stringContaining('kubectl rollout restart deployment p -n a'),
      },
    ]);
    expect(heldVariants(view(spec, { upgrade: downgrade }))).toEqual(told);
  });

  test('up, and back up from a downgrade, nothing is held', () => {
    expect(heldVariants(view(spec))).toEqual([]);
    expect(heldVariants(view(spec, { phase: 'rollback', upgrade: downgrade }))).toEqual([]);
  });
});
