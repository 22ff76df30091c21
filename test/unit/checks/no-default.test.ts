import { describe, expect, test } from '@jest/globals';
import { defaultRevision } from '../../../src/checks/default-revision.ts';
import { noDefault } from '../../../src/checks/no-default.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, installedGateway, plane, pod, workload } from '../../support/mesh.ts';

const sides = (from: string, to: string): Pick<CheckView['upgrade'], 'from' | 'to'> => ({
  from: { revision: 'old', version: from },
  to: { revision: 'new', version: to },
});

/** The old one is the default, as that without a revision is before 1.12. */
function viewOf(spec: Omit<MeshSpec, 'planes'>, from = '1.10.6', to = '1.11.8'): CheckView {
  const view = checkView({ planes: [plane('old', from)], tags: { default: 'old' }, ...spec });
  return { ...view, upgrade: { ...view.upgrade, ...sides(from, to) } };
}

const found = (view: CheckView): string[] =>
  noDefault(view).map(({ severity, id, object = '' }) => `${severity} ${id} ${object}`.trim());

const INJECTED = { injectedBy: ['old'] };
const TOLD = 'info no-default-to-move';

describe('before 1.12 there is no default that could move', () => {
  test.each([
    ['1.10.6', '1.11.8', [TOLD]],
    ['1.11.8', '1.12.9', [TOLD]],
    ['1.12.9', '1.13.9', []],
    ['1.30.3', '1.31.0', []],
  ])('from %s to %s', (from, to, expected) => {
    expect(found(viewOf({}, from, to))).toEqual(expected);
  });

  test('what Git labels istio-injection=enabled can’t be moved by a label, and is refused', () => {
    const view = viewOf({
      namespaces: { shop: { 'istio-injection': 'enabled' }, other: { 'istio-injection': 'enabled' } },
      namespaceFacts: { shop: { git: { tool: 'Argo CD', labels: ['istio-injection'] } } },
    });
    expect(found(view)).toEqual([TOLD, 'error default-cannot-move Namespace shop']);
  });

  test('nor can what asks by its own label in a namespace without one', () => {
    const view = viewOf({
      namespaces: { bare: {}, shop: { 'istio-injection': 'enabled' } },
      workloads: [
        workload('bare/web', INJECTED),
        workload('bare/pinned', { ...INJECTED, pinnedRevision: 'old' }),
        workload('bare/known', { ...INJECTED, accepted: true }),
        workload('bare/plain'),
        workload('shop/web', INJECTED),
      ],
      pods: [pod('bare/web-1', 'old'), pod('bare/alone', 'old', { owner: undefined })],
    });
    expect(found(view)).toEqual([
      TOLD,
      'error default-cannot-move Deployment bare/web',
      'error default-cannot-move Pod bare/alone',
    ]);
  });

  test('gateways of either kind are refused where they do not say whose they are', () => {
    const spec = {
      installedGateways: [installedGateway('istio-system/ingress', 'old')],
      apiGateways: { 'shop/public': {} },
    };
    const both = [
      'error old-gateway-not-supported Deployment istio-system/ingress',
      'error old-gateway-not-supported Gateway shop/public',
    ];
    expect(found(viewOf(spec, '1.7.8', '1.8.6'))).toEqual([TOLD, ...both]);
    expect(found(viewOf(spec, '1.8.6', '1.9.9'))).toEqual([TOLD, ...both.slice(1)]);
    expect(found(viewOf(spec, '1.12.9', '1.13.9'))).toEqual([]);
  });

  test('that nobody is the default is no hazard there, as no install takes it; two are one', () => {
    const none = viewOf({ tags: {} });
    expect(defaultRevision(none)).toEqual([]);
    expect(
      defaultRevision({ ...none, upgrade: { ...none.upgrade, ...sides('1.12.9', '1.27.9') } }),
    ).toMatchObject([{ id: 'default-webhook-missing' }]);
    const two = { ...none, mesh: { ...none.mesh, defaultInjector: ['new', 'old'] } };
    expect(defaultRevision(two)).toMatchObject([{ id: 'injectors-overlap' }]);
  });
});
