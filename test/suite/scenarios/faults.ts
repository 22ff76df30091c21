import type { Act, Event, RunAct, Scenario } from '../scenario.ts';
import { MESHES, TARGET, allOld, dataPlane, istiod, wayBack, ofBoth } from './shop.ts';

const MESH = '1-30-3';
const CART = 'Deployment storefront/cart';

/** A first namespace moves well, so that the run that meets the fault needs no time for the installation. */
const FIRST: Act = {
  run: 'canary',
  inputs: { 'canary-namespaces': 'legacy' },
  then: { outcome: 'succeeded', state: 'canary' },
};

/** The workload's pods have a fault once the target injects them; then there is a way back, and it works. */
function workload(
  fault: Extract<Event, { fault: unknown }>['fault'],
  shows: string,
  run: Omit<RunAct, 'run'>,
): Scenario {
  return {
    id: `fault-${fault}`,
    shows,
    mesh: MESH,
    leaves: 'as-it-was',
    ...(fault === 'image-pull' ? { testbed: 'if-asked' } : {}),
    acts: [
      { event: { fault, workload: CART, revision: TARGET }, then: allOld(MESH) },
      { keep: 'with the fault' },
      FIRST,
      { run: 'canary', ...run },
      { run: 'rollback', then: wayBack(MESH, 'with the fault') },
      { event: { heal: CART }, then: { same: 'start' } },
    ],
  };
}

const WIDER = { inputs: { 'canary-namespaces': 'storefront' }, patience: 'short' } as const;

export const faults: readonly Scenario[] = [
  ...MESHES.map((mesh): Scenario => ({
    id: `fault-control-plane-${mesh}`,
    shows: 'a control plane that never gets ready: no workload is moved, and the reason is told',
    mesh,
    leaves: 'as-it-was',
    ...ofBoth(mesh),
    acts: [
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront', set: 'hub=broken.example' },
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'canarying',
          errors: ['control-plane-not-ready'],
          says: [{ id: 'control-plane-not-ready', oneOf: ['ImagePullBackOff', 'ErrImagePull'] }],
          outputs: { 'rollback-ready': 'true', 'namespaces-moved': '' },
          ...allOld(mesh),
        },
      },
      { run: 'rollback', then: wayBack(mesh) },
    ],
  })),
  workload('never-ready', 'a workload that never gets ready after it has moved', {
    ...WIDER,
    then: {
      outcome: 'failed',
      state: 'canarying',
      errors: ['workload-not-ready'],
      says: [{ id: 'workload-not-ready', object: CART, message: ['did not end in time'] }],
      outputs: { 'rollback-ready': 'true' },
    },
  }),
  workload('image-pull', 'a workload whose image cannot be pulled after it has moved', {
    ...WIDER,
    then: {
      outcome: 'failed',
      state: 'canarying',
      errors: ['workload-not-ready'],
      says: [{ id: 'workload-not-ready', object: CART, oneOf: ['ImagePullBackOff', 'ErrImagePull'] }],
    },
  }),
  workload('proxy-stale', 'proxies that never get in sync: what the pods show is not enough', {
    ...WIDER,
    then: {
      outcome: 'failed',
      errors: ['proxy-behind'],
      about: ['Pod storefront/cart-*', 'Pod storefront/cart-*'],
      says: [{ id: 'proxy-behind', object: 'Pod storefront/cart-*', message: ['not in sync'] }],
      dataPlane: dataPlane(MESH, ['legacy', 'storefront']),
      outputs: { 'proxies-behind': '11' },
    },
  }),
  {
    id: 'fault-istiod-dies',
    shows:
      'the old control plane dies after the canary: rollback is refused before it writes anything, and works once it is back',
    mesh: MESH,
    leaves: 'as-it-was',
    acts: [
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'succeeded', state: 'canary' },
      },
      { event: { scale: istiod(MESH), to: 0 } },
      {
        run: 'promote',
        then: {
          outcome: 'refused',
          state: '',
          errors: ['current-control-plane-not-ready'],
          outputs: { 'rollback-ready': 'false' },
        },
      },
      {
        run: 'rollback',
        then: {
          // M10: nothing is written before there is somewhere to go back to.
          outcome: 'refused',
          state: '',
          errors: ['rollback-destination-not-ready'],
          asked: 'no-write',
          // It is what keeps the moved pods alive.
          connected: { [TARGET]: 'some' },
          exists: [istiod(TARGET)],
        },
      },
      { event: { scale: istiod(MESH), to: 1 } },
      { event: { connected: MESH } },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  {
    id: 'fault-istiod-short',
    shows: 'a replica of the old istiod for which there is no room stops no rollback, and is told',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'succeeded', state: 'canary' },
      },
      {
        event: {
          create: {
            apiVersion: 'v1',
            kind: 'ResourceQuota',
            metadata: { name: 'room', namespace: 'istio-system' },
            spec: { hard: { pods: '2' } },
          },
        },
      },
      { event: { patch: istiod(MESH), with: { spec: { replicas: 4 } } } },
      {
        run: 'rollback',
        then: {
          outcome: 'rolled-back',
          state: 'rolled-back',
          tells: [`rollback-destination-not-ready control plane ${MESH}`],
          default: MESH,
        },
      },
      { event: { delete: 'ResourceQuota istio-system/room' } },
      { event: { scale: istiod(MESH), to: 1 }, then: { same: 'start' } },
    ],
  },
];
