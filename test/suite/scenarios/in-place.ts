import type { RunAct, Scenario } from '../scenario.ts';
import { NEW, OLD, allOld, dataPlane, istiod, labels } from './shop.ts';

const IN_PLACE = { strategy: 'in-place' };
const CANARY = { ...IN_PLACE, 'canary-namespaces': 'storefront, checkout' };
const MOVED = ['storefront', 'checkout'];
/** In place nothing is relabelled, and nobody else becomes the default. */
const UNMOVED = { labels: labels('default'), default: 'default', exists: [istiod('default')] } as const;

const everything = (version: string) =>
  ({
    dataPlane: Object.fromEntries(
      Object.keys(dataPlane('default', [])).map((name) => [name, `default@${version}`]),
    ),
    connected: { default: 'all' },
    ...UNMOVED,
  }) as const;

const canaryInPlace: RunAct = {
  run: 'canary',
  inputs: CANARY,
  then: {
    outcome: 'succeeded',
    state: 'canary',
    outputs: { 'rollback-ready': 'true', 'next-phase': 'promote' },
    dataPlane: dataPlane('default', MOVED, 'default'),
    ...UNMOVED,
  },
};

const promoteInPlace: RunAct = {
  run: 'promote',
  inputs: IN_PLACE,
  then: { outcome: 'succeeded', state: 'completed', outputs: { 'proxies-behind': '0' }, ...everything(NEW) },
};

const rollbackInPlace: RunAct = {
  run: 'rollback',
  inputs: IN_PLACE,
  then: { outcome: 'rolled-back', state: 'rolled-back', same: 'start', ...allOld('default'), ...UNMOVED },
};

/** The only control plane is replaced where it is (issue 14). */
export const inPlace: readonly Scenario[] = [
  {
    id: 'in-place-up-and-back',
    shows:
      'precheck, canary, promote in place, each again without a write, and then back down: proxies first, then istiod',
    mesh: 'default',
    leaves: 'as-it-was',
    acts: [
      {
        run: 'precheck',
        inputs: CANARY,
        then: {
          outcome: 'succeeded',
          state: 'none',
          asked: 'no-write',
          outputs: {
            'from-version': OLD,
            'from-revision': 'default',
            'to-version': NEW,
            'to-revision': 'default',
            'next-phase': 'canary',
          },
          tells: ['control-plane-has-one-replica Deployment istio-system/istiod'],
          same: 'start',
        },
      },
      { ...canaryInPlace, again: true },
      { ...promoteInPlace, again: true },
      { ...rollbackInPlace, again: true },
    ],
  },
  {
    id: 'in-place-canary-back',
    shows: 'back from a canary in place, before anything else moved',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [canaryInPlace, rollbackInPlace],
  },
];
