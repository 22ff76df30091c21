import type { RunAct, Scenario } from '../scenario.ts';
import { NEW, OLD, TARGET, allNew, canaryOf, dataPlane, istiod, wayBack } from './shop.ts';

const MESH = '1-30-3';
const CANARY = canaryOf('storefront', ['storefront']);

/** What may follow what. */
export const order: readonly Scenario[] = [
  {
    id: 'order-other-version',
    shows: 'a canary to another version is refused while one is under way, and welcome after its rollback',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront', version: '1.32.0' },
        then: { outcome: 'refused', errors: ['other-upgrade-under-way'], asked: 'no-write' },
      },
      {
        run: 'rollback',
        inputs: { version: '1.32.0' },
        then: { outcome: 'refused', errors: ['other-upgrade-under-way'], asked: 'no-write' },
      },
      { run: 'rollback', then: { ...wayBack(MESH), attempt: 'same' } },
    ],
  },
  {
    id: 'order-incomplete-install',
    shows: 'a control plane that is ready, but lacks what istioctl installs last, is no finished canary',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      { keep: 'canary' },
      { event: { delete: `ValidatingWebhookConfiguration istio-validator-${TARGET}-istio-system` } },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'succeeded', state: 'canary', same: 'canary' },
      },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'order-both-deleted',
    shows:
      'both istiods are deleted half-way: no phase sends elsewhere, and once the old one is installed again, by hand, canary and rollback go on',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      { event: { delete: istiod(MESH) } },
      { event: { delete: istiod(TARGET) } },
      ...(['canary', 'promote'] as const).map((run): RunAct => ({
        run,
        ...(run === 'canary' ? { inputs: { 'canary-namespaces': 'storefront' } } : {}),
        then: {
          outcome: 'refused',
          errors: ['no-control-plane'],
          says: [{ id: 'no-control-plane', remedy: `Install ${OLD} (revision ${MESH})` }],
          asked: 'no-write',
        },
      })),
      {
        run: 'rollback',
        then: { outcome: 'refused', errors: ['rollback-destination-not-ready'], asked: 'no-write' },
      },
      { event: { istioctl: ['install', '--set', 'profile=minimal', '--revision', MESH, '-y'] } },
      { event: { quiet: true } },
      CANARY,
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'order-injector-gone',
    shows:
      'H11: a canary whose injector somebody deleted is taken back whole, though istioctl does not know it any more',
    mesh: MESH,
    leaves: 'as-it-was',
    acts: [
      CANARY,
      { event: { delete: `MutatingWebhookConfiguration istio-sidecar-injector-${TARGET}` } },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'order-tag-half-moved',
    shows: 'a default tag of which only the Service has moved is put back by rollback',
    mesh: MESH,
    leaves: 'as-it-was',
    acts: [
      CANARY,
      {
        event: {
          patch: 'Service istio-system/istiod-revision-tag-default',
          with: { metadata: { labels: { 'istio.io/rev': TARGET } } },
        },
      },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'order-own-revision-name',
    shows: 'a canary with a revision name of its own is found again by the record',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront', revision: 'green' },
        then: {
          outcome: 'succeeded',
          state: 'canary',
          outputs: { 'to-revision': 'green' },
          dataPlane: dataPlane(MESH, ['storefront'], 'green'),
        },
      },
      {
        run: 'promote',
        then: {
          outcome: 'succeeded',
          state: 'promoted',
          attempt: 'same',
          ...allNew('green'),
          default: 'green',
        },
      },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'order-rollback-from-promoting',
    shows: 'a promote that met a fault has a way back, and can go on once the fault is gone',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      { event: { fault: 'never-ready', workload: 'Deployment catalog/products', revision: TARGET } },
      {
        run: 'promote',
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'promoting',
          errors: ['workload-not-ready'],
          about: ['Deployment catalog/products'],
          outputs: { 'rollback-ready': 'true', 'next-phase': '' },
          default: MESH,
        },
      },
      // By these a workflow that is started anew passes over canary (examples/gated-upgrade.yml).
      {
        run: 'precheck',
        then: {
          outcome: 'succeeded',
          state: 'promoting',
          outputs: { 'to-version': NEW },
          asked: 'no-write',
        },
      },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'refused', state: 'promoting', errors: ['wrong-state'], asked: 'no-write' },
      },
      { run: 'rollback', then: { outcome: 'rolled-back', state: 'rolled-back', attempt: 'same' } },
      { event: { heal: 'Deployment catalog/products' }, then: { same: 'start' } },
    ],
  },
];
