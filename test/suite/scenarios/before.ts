import type { Scenario } from '../scenario.ts';
import { NEW, TARGET, allNew, canaryOf, dataPlane, labelsMoved, wayBack } from './shop.ts';

const MESH = '1-30-3';
const CANARY = canaryOf('storefront', ['storefront']);
const IN_PLACE = { strategy: 'in-place' };

/** Labels of a namespace that are not as they were, for a moment. */
const label = (namespace: string, labels: Readonly<Record<string, string | null>>) =>
  ({ event: { patch: `Namespace ${namespace}`, with: { metadata: { labels } } } }) as const;

/** Annotations of a Deployment's pods: `testbed/ready: never` makes them never get ready. */
const template = (annotations: Readonly<Record<string, string | null>>, until?: 'rolled-out') =>
  ({
    event: {
      patch: 'Deployment storefront/cart',
      with: { spec: { template: { metadata: { annotations } } } },
      ...(until === undefined ? {} : { until }),
    },
  }) as const;

const PRODUCTS = 'Deployment catalog/products';

const products = (annotations: Readonly<Record<string, string | null>>, until?: 'rolled-out') =>
  ({
    event: {
      patch: PRODUCTS,
      with: { spec: { template: { metadata: { annotations } } } },
      ...(until === undefined ? {} : { until }),
    },
  }) as const;

/** A pod that nothing owns. */
const BARE = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'lonely', namespace: 'storefront', labels: { app: 'lonely' } },
  spec: { containers: [{ name: 'app', image: 'registry.example/shop/lonely:1.0.0' }] },
};

/** What was wrong before, and what can't be moved (M02, M12, M21, M24, M29, M42). */
export const before: readonly Scenario[] = [
  {
    id: 'before-broken-workload',
    shows: 'M21: a workload that was broken long before holds nothing up, and is told',
    mesh: MESH,
    leaves: 'as-it-was',
    acts: [
      template({ 'testbed/ready': 'never' }),
      { run: 'precheck', inputs: { 'canary-namespaces': 'storefront' }, then: { outcome: 'succeeded' } },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'succeeded', state: 'canary' },
      },
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', default: TARGET } },
      { run: 'rollback', then: { outcome: 'rolled-back', state: 'rolled-back', default: MESH } },
      { ...template({ 'testbed/ready': null }, 'rolled-out'), then: { same: 'start' } },
    ],
  },
  {
    id: 'before-broken-workload-in-place',
    shows:
      'M21 in place: a canary with a workload that was broken long before is one, and promote goes on from it',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      template({ 'testbed/ready': 'never' }),
      {
        run: 'canary',
        inputs: { ...IN_PLACE, 'canary-namespaces': 'storefront' },
        then: { outcome: 'succeeded', state: 'canary', outputs: { 'next-phase': 'promote' } },
      },
      { run: 'promote', inputs: IN_PLACE, then: { outcome: 'succeeded', state: 'completed' } },
      { run: 'rollback', inputs: IN_PLACE, then: { outcome: 'rolled-back', state: 'rolled-back' } },
      { ...template({ 'testbed/ready': null }, 'rolled-out'), then: { same: 'start' } },
    ],
  },
  {
    id: 'before-mended-meanwhile',
    shows:
      'M21: what was broken before canary and was mended since has no excuse any more: promote waits for it, and does not end in green over it',
    mesh: MESH,
    leaves: 'as-it-was',
    acts: [
      products({ 'testbed/ready': 'never' }),
      canaryAlone(),
      products({ 'testbed/ready': null }, 'rolled-out'),
      { event: { fault: 'never-ready', workload: PRODUCTS, revision: TARGET } },
      {
        run: 'promote',
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'promoting',
          errors: ['workload-not-ready'],
          about: [PRODUCTS],
        },
      },
      { run: 'rollback', then: { outcome: 'rolled-back', state: 'rolled-back', default: MESH } },
      { event: { heal: PRODUCTS }, then: { same: 'start' } },
    ],
  },
  {
    id: 'before-gone-revision',
    shows:
      'pods of a revision that is long gone are settled before anything is touched; with leave to stay a rollback leaves them as it finds them',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      { event: { istioctl: ['install', '--set', 'profile=minimal', '--revision', 'ancient', '-y'] } },
      label('catalog', { 'istio.io/rev': 'ancient' }),
      products({ 'testbed/born': 'long-ago' }, 'rolled-out'),
      { event: { istioctl: ['uninstall', '--revision', 'ancient', '-y'] } },
      { event: { quiet: true } },
      { keep: 'long ago' },
      {
        run: 'precheck',
        inputs: { 'canary-namespaces': 'storefront' },
        then: {
          outcome: 'refused',
          errors: ['restart-loses-sidecar'],
          about: ['Namespace catalog'],
          says: [{ id: 'restart-loses-sidecar', remedy: 'allow-stragglers: catalog/' }],
        },
      },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'succeeded', state: 'canary', tells: ['restart-loses-sidecar Namespace catalog'] },
      },
      {
        run: 'promote',
        then: {
          outcome: 'refused',
          errors: ['restart-loses-sidecar'],
          about: ['Namespace catalog'],
          asked: 'no-write',
        },
      },
      {
        run: 'promote',
        inputs: { 'allow-stragglers': 'catalog/*' },
        then: { outcome: 'succeeded', state: 'promoted', default: TARGET },
      },
      { run: 'rollback', then: { outcome: 'rolled-back', state: 'rolled-back', same: 'long ago' } },
      label('catalog', { 'istio.io/rev': MESH }),
      { ...products({ 'testbed/born': null }, 'rolled-out'), then: { same: 'start' } },
    ],
  },
  {
    id: 'before-bare-pod',
    shows: 'M24: what no restart moves is refused before anything is touched, or stays behind by leave',
    mesh: MESH,
    leaves: 'as-it-was',
    acts: [
      { event: { create: BARE } },
      {
        run: 'precheck',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'refused', errors: ['pod-will-not-move'], about: ['Pod storefront/lonely'] },
      },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'refused', errors: ['pod-will-not-move'], asked: 'no-write' },
      },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront', 'allow-stragglers': 'storefront/lonely' },
        then: { outcome: 'succeeded', state: 'canary' },
      },
      {
        run: 'promote',
        inputs: { 'allow-stragglers': 'app=lonely' },
        then: { outcome: 'succeeded', state: 'promoted', default: TARGET },
      },
      {
        run: 'promote',
        inputs: { 'allow-stragglers': 'app=lonely', 'remove-old': 'true', 'remove-old-after': '0s' },
        patience: 'short',
        then: {
          outcome: 'refused',
          state: 'promoted',
          errors: ['straggler-holds-removal'],
          asked: 'no-write',
        },
      },
      { run: 'rollback', then: { outcome: 'rolled-back', dataPlane: dataPlane(MESH, []) } },
      { event: { delete: 'Pod storefront/lonely' }, then: { same: 'start' } },
    ],
  },
  {
    id: 'before-label-taken',
    shows:
      'somebody takes the label off a namespace: its workloads are not restarted into having no sidecar, nor waited for',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      canaryAlone(),
      label('catalog', { 'istio.io/rev': null }),
      {
        run: 'promote',
        then: {
          outcome: 'refused',
          errors: ['restart-loses-sidecar'],
          about: ['Namespace catalog'],
          says: [{ id: 'restart-loses-sidecar', remedy: 'Give the namespace its label back' }],
          asked: 'no-write',
        },
      },
      label('catalog', { 'istio.io/rev': MESH }),
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', ...allNew() } },
      { run: 'rollback', then: { outcome: 'rolled-back', same: 'start' } },
    ],
  },
  {
    id: 'before-injection-disabled',
    shows: 'M29: istio-injection=disabled beside a revision is no injection: out of scope',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      label('outside', { 'istio-injection': 'disabled', 'istio.io/rev': 'whatever' }),
      { keep: 'disabled' },
      { run: 'precheck', then: { outcome: 'succeeded' } },
      canaryAlone(),
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', ...allNew() } },
      { run: 'rollback', then: { outcome: 'rolled-back', same: 'disabled' } },
      { ...label('outside', { 'istio-injection': null, 'istio.io/rev': null }), then: { same: 'start' } },
    ],
  },
  {
    id: 'before-canary-fails',
    shows:
      'M02: a canary that does not work points to its own remedy, and promote is refused before it writes',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      { event: { fault: 'proxy-stale', workload: 'Deployment storefront/cart', revision: TARGET } },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'canarying',
          errors: ['proxy-behind'],
          outputs: { 'next-phase': '' },
        },
      },
      {
        run: 'promote',
        then: { outcome: 'refused', state: 'canarying', errors: ['proxy-behind'], asked: 'no-write' },
      },
      { run: 'rollback', then: { outcome: 'rolled-back', dataPlane: dataPlane(MESH, []) } },
      { event: { heal: 'Deployment storefront/cart' }, then: { same: 'start' } },
    ],
  },
  {
    id: 'before-canary-after-promote',
    shows:
      'M12: canary again on a promoted mesh with a pod that is not ready writes nothing, so it has not failed',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted' } },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'no-changes', state: 'promoted', asked: 'no-write' },
      },
      template({ 'testbed/ready': 'never' }),
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        patience: 'short',
        then: {
          outcome: 'refused',
          state: 'promoted',
          errors: ['pod-not-ready', 'workload-not-ready'],
          asked: 'no-write',
        },
      },
      template({ 'testbed/ready': null }, 'rolled-out'),
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'before-selector-runs-out',
    shows:
      'M05: a selector over a label that canary takes away selects the same namespaces when it runs again',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'istio-injection=enabled' },
        again: true,
        then: {
          outcome: 'succeeded',
          state: 'canary',
          labels: labelsMoved(MESH, ['checkout', 'legacy']),
          dataPlane: dataPlane(MESH, ['checkout', 'legacy']),
        },
      },
      { ...label('legacy', { 'istio.io/rev': MESH, 'istio-injection': 'enabled' }) },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'istio-injection=enabled' },
        then: {
          outcome: 'succeeded',
          labels: labelsMoved(MESH, ['checkout', 'legacy']),
          dataPlane: dataPlane(MESH, ['checkout', 'legacy']),
        },
      },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'before-other-configuration',
    shows: 'M14: canary again with another configuration installs it; with the same there is nothing to do',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      {
        run: 'canary',
        inputs: {
          'canary-namespaces': 'storefront',
          set: 'meshConfig.accessLogFile=/dev/stdout',
        },
        again: true,
        then: { outcome: 'succeeded', state: 'canary', attempt: 'same' },
      },
      { run: 'rollback', inputs: { version: NEW }, then: wayBack(MESH) },
    ],
  },
];

/** A canary of which only the outcome is asked. */
function canaryAlone() {
  return {
    run: 'canary',
    inputs: { 'canary-namespaces': 'storefront' },
    then: { outcome: 'succeeded', state: 'canary' },
  } as const;
}
