import type { Act, RunAct, Scenario } from '../scenario.ts';
import { TARGET, allNew, canaryOf, dataPlane, wayBack } from './shop.ts';

const MESH = '1-30-3';
const CANARY = canaryOf('storefront', ['storefront']);
const PROMOTE: RunAct = { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', ...allNew() } };
const SEARCH = 'StatefulSet catalog/search';
const STORE = 'StatefulSet storefront/store';

const patch = (ref: string, spec: object, until?: 'rolled-out'): Act => ({
  event: { patch: ref, with: { spec }, ...(until === undefined ? {} : { until }) },
});

/** Annotations of a workload's pods. */
const annotated = (
  ref: string,
  annotations: Readonly<Record<string, string | null>>,
  until?: 'rolled-out',
): Act => patch(ref, { template: { metadata: { annotations } } }, until);

/** A StatefulSet each of whose pods has a claim of its own. */
const withClaims: Act = {
  event: {
    create: {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'store', namespace: 'storefront' },
      spec: {
        replicas: 2,
        serviceName: 'store',
        selector: { matchLabels: { app: 'store' } },
        template: {
          metadata: { labels: { app: 'store' } },
          spec: {
            containers: [
              {
                name: 'store',
                image: 'registry.example/shop/store:1.0.0',
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    },
  },
};

/** Workloads whose rollouts are not like others', and what was so before (M20, M22, M23, M33, M42). */
export const rollouts: readonly Scenario[] = [
  {
    id: 'rollout-claims',
    shows: 'M20: a StatefulSet with volumeClaimTemplates goes all the way, and back',
    mesh: MESH,
    leaves: 'as-it-was',
    acts: [
      withClaims,
      { event: { scale: STORE, to: 2 } },
      { keep: 'with claims' },
      CANARY,
      PROMOTE,
      { run: 'rollback', then: wayBack(MESH, 'with claims') },
      { event: { delete: STORE } },
      { event: { delete: 'PersistentVolumeClaim storefront/data-store-0' } },
      { event: { delete: 'PersistentVolumeClaim storefront/data-store-1' } },
    ],
  },
  {
    id: 'rollout-stale-before',
    shows: 'M22: a proxy that was not in sync before, outside of the canary, holds nothing up and is told',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      annotated('Deployment legacy/orders', { 'testbed/proxy': 'stale' }, 'rolled-out'),
      { keep: 'stale' },
      { run: 'canary', inputs: CANARY.inputs ?? {}, then: { outcome: 'succeeded', state: 'canary' } },
      {
        run: 'rollback',
        then: { ...wayBack(MESH, 'stale'), tells: ['proxy-behind Pod legacy/orders-*'] },
      },
      annotated('Deployment legacy/orders', { 'testbed/proxy': null }, 'rolled-out'),
    ],
  },
  {
    id: 'rollout-partition',
    shows:
      'M23: a StatefulSet with a partition is refused before anything is touched, or stays behind by leave',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      patch(SEARCH, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }),
      { keep: 'partition' },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'catalog' },
        then: {
          outcome: 'refused',
          errors: ['workload-will-not-move'],
          about: [SEARCH],
          asked: 'no-write',
        },
      },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'catalog', 'allow-stragglers': 'catalog/search' },
        then: { outcome: 'succeeded', state: 'canary' },
      },
      {
        run: 'promote',
        then: {
          outcome: 'refused',
          state: '',
          errors: ['workload-will-not-move'],
          asked: 'no-write',
        },
      },
      {
        run: 'promote',
        inputs: { 'allow-stragglers': 'catalog/search' },
        then: { outcome: 'succeeded', state: 'promoted', default: TARGET },
      },
      {
        run: 'rollback',
        then: { outcome: 'rolled-back', dataPlane: dataPlane(MESH, []), same: 'partition' },
      },
      patch(SEARCH, { updateStrategy: null }, 'rolled-out'),
    ],
  },
  {
    id: 'rollout-ordered-stuck',
    shows: 'M33: a StatefulSet that its own broken pod holds up is told at once, long before the time is up',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      { event: { fault: 'image-pull', workload: SEARCH, revision: TARGET } },
      { keep: 'fault' },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'catalog' },
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'canarying',
          errors: ['workload-not-ready'],
          about: [SEARCH],
          outputs: { 'rollback-ready': 'true' },
        },
      },
      {
        run: 'rollback',
        then: {
          outcome: 'failed',
          state: 'rolling-back',
          errors: ['workload-stuck'],
          about: [SEARCH],
          says: [{ id: 'workload-stuck', message: ['search-1'] }],
        },
      },
      // What its remedy says.
      { event: { delete: 'Pod catalog/search-1' } },
      { run: 'rollback', then: wayBack(MESH, 'fault') },
      { event: { heal: SEARCH } },
    ],
  },
  {
    id: 'rollout-promote-again',
    shows: 'M42: promote again with an unready workload writes nothing, so it has not failed',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      PROMOTE,
      annotated('Deployment catalog/products', { 'testbed/ready': 'never' }),
      {
        run: 'promote',
        patience: 'short',
        then: {
          outcome: 'refused',
          state: 'promoted',
          errors: ['pod-not-ready', 'workload-not-ready'],
          asked: 'no-write',
        },
      },
      annotated('Deployment catalog/products', { 'testbed/ready': null }, 'rolled-out'),
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'rollout-rollback-again',
    shows: 'M42: rollback again with a paused workload writes nothing, so it has not failed',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      { run: 'rollback', then: wayBack(MESH) },
      patch('Deployment storefront/cart', { paused: true }),
      { run: 'rollback', patience: 'short', then: { outcome: 'no-changes', asked: 'no-write' } },
      patch('Deployment storefront/cart', { paused: null }, 'rolled-out'),
    ],
  },
];
