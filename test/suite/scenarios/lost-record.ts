import type { Scenario } from '../scenario.ts';
import { NEW, RECORD, TARGET, allNew, canaryOf, labels } from './shop.ts';

const MESH = '1-30-3';
const CANARY = canaryOf('storefront', ['storefront']);

/** The record is the Action's memory: lost, nothing but the version must be given. */
const LOSE = { event: { delete: RECORD } } as const;
const VERSION = { inputs: { version: NEW } } as const;

export const lostRecord: readonly Scenario[] = [
  {
    id: 'record-lost-canary',
    shows: 'without the record canary, promote and rollback go on from what the cluster shows',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      LOSE,
      { run: 'rollback', then: { outcome: 'refused', errors: ['target-unknown'], asked: 'no-write' } },
      {
        run: 'promote',
        ...VERSION,
        then: { outcome: 'succeeded', state: 'promoted', attempt: 'new', ...allNew() },
      },
      LOSE,
      { run: 'rollback', ...VERSION, then: { outcome: 'rolled-back', same: 'start', labels: labels(MESH) } },
    ],
  },
  {
    id: 'record-lost-failed',
    shows: 'without the record there is a way back from a canary that failed half-way',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      { event: { fault: 'never-ready', workload: 'Deployment storefront/cart', revision: TARGET } },
      { keep: 'with the fault' },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        patience: 'short',
        then: { outcome: 'failed', state: 'canarying', errors: ['workload-not-ready'] },
      },
      LOSE,
      {
        run: 'rollback',
        ...VERSION,
        then: { outcome: 'rolled-back', same: 'with the fault', labels: labels(MESH) },
      },
      LOSE,
      { run: 'rollback', then: { outcome: 'no-changes', state: '', asked: 'no-write' } },
      { event: { heal: 'Deployment storefront/cart' }, then: { same: 'start' } },
    ],
  },
  {
    id: 'record-lost-promoting',
    shows: 'without the record there is a way back from a promote that failed half-way',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      { event: { fault: 'never-ready', workload: 'Deployment catalog/products', revision: TARGET } },
      {
        run: 'promote',
        patience: 'short',
        then: { outcome: 'failed', state: 'promoting', errors: ['workload-not-ready'] },
      },
      LOSE,
      { run: 'rollback', ...VERSION, then: { outcome: 'rolled-back', labels: labels(MESH) } },
      { event: { heal: 'Deployment catalog/products' }, then: { same: 'start' } },
    ],
  },
  {
    id: 'record-lost-rolling-back',
    shows: 'without the record a rollback that was stopped goes on',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      { event: { patch: 'Namespace outside', with: { metadata: { labels: { 'istio.io/rev': TARGET } } } } },
      {
        run: 'rollback',
        patience: 'short',
        then: { outcome: 'failed', state: 'rolling-back', errors: ['still-in-use'] },
      },
      LOSE,
      { event: { patch: 'Namespace outside', with: { metadata: { labels: { 'istio.io/rev': null } } } } },
      { run: 'rollback', ...VERSION, then: { outcome: 'rolled-back', same: 'start', labels: labels(MESH) } },
    ],
  },
  {
    id: 'record-lost-uninstalled',
    shows:
      'without the record and without the old control plane, which somebody has uninstalled, promote moves what is left',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      CANARY,
      LOSE,
      { event: { istioctl: ['uninstall', '--revision', MESH, '-y'] } },
      {
        run: 'precheck',
        ...VERSION,
        then: { outcome: 'refused', errors: ['removal-unfinished'], asked: 'no-write' },
      },
      {
        run: 'promote',
        ...VERSION,
        then: {
          outcome: 'refused',
          errors: ['restart-loses-sidecar'],
          says: [{ id: 'restart-loses-sidecar', remedy: `istio.io/rev=${TARGET}` }],
          asked: 'no-write',
        },
      },
      ...['catalog', 'legacy', 'checkout'].map((name) => ({
        event: {
          patch: `Namespace ${name}` as const,
          with: { metadata: { labels: { 'istio.io/rev': TARGET, 'istio-injection': null } } },
        },
      })),
      { run: 'promote', ...VERSION, then: { outcome: 'succeeded', state: 'completed', ...allNew() } },
    ],
  },
  {
    id: 'record-lost-promoted',
    shows:
      'without the record the old control plane is removed all the same, and nothing is claimed that can be gone back to',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      canaryOf('checkout', ['checkout']),
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted' } },
      LOSE,
      {
        run: 'promote',
        inputs: { version: NEW, 'remove-old': 'true', 'remove-old-after': '0s' },
        then: {
          outcome: 'succeeded',
          state: 'completed',
          ...allNew(),
          default: TARGET,
          remains: { of: MESH, are: ['Namespace legacy'] },
        },
      },
      LOSE,
      {
        run: 'rollback',
        ...VERSION,
        then: { outcome: 'refused', errors: ['past-point-of-no-return'], asked: 'no-write' },
      },
      { run: 'precheck', then: { outcome: 'no-changes', asked: 'no-write' } },
    ],
  },
];
