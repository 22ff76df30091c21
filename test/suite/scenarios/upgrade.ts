import type { Act, MeshRevision, Scenario } from '../scenario.ts';
import {
  LABELLED_BY_USERS,
  NEW,
  OLD,
  TARGET,
  allNew,
  allOld,
  dataPlane,
  labels,
  labelsMoved,
} from './shop.ts';

const CANARY = { 'canary-namespaces': 'storefront, checkout' };
const MOVED = ['storefront', 'checkout'];

/** Precheck and a dry run persist nothing, and say what is to come. */
const looking = (mesh: MeshRevision): readonly Act[] => [
  {
    run: 'precheck',
    inputs: CANARY,
    then: {
      outcome: 'succeeded',
      state: 'none',
      asked: 'no-write',
      outputs: {
        'from-version': OLD,
        'from-revision': mesh,
        'to-version': NEW,
        'to-revision': TARGET,
        'next-phase': 'canary',
        'proxies-behind': '0',
      },
      same: 'start',
      ...allOld(mesh),
    },
  },
  {
    run: 'canary',
    inputs: { ...CANARY, 'dry-run': 'true' },
    then: {
      outcome: 'succeeded',
      state: 'none',
      asked: 'no-write',
      changes: {
        has: [`install istiod ${NEW} as revision ${TARGET}`, 'Namespace storefront', 'Namespace checkout'],
        lacks: ['catalog'],
      },
    },
  },
];

/** Canary moves its namespaces and nothing else; promote the rest, and the default. */
const moving = (mesh: MeshRevision): readonly Act[] => [
  {
    run: 'canary',
    inputs: CANARY,
    again: true,
    then: {
      outcome: 'succeeded',
      state: 'canary',
      outputs: { 'rollback-ready': 'true', 'next-phase': 'promote' },
      dataPlane: dataPlane(mesh, MOVED),
      labels: labelsMoved(mesh, MOVED),
      default: mesh,
    },
  },
  {
    run: 'promote',
    again: true,
    then: {
      outcome: 'succeeded',
      state: 'promoted',
      outputs: { 'proxies-behind': '0', 'rollback-ready': 'true' },
      ...allNew(),
      connected: { [TARGET]: 'all', [mesh]: 'none' },
      default: TARGET,
    },
  },
];
/** Where a namespace followed the default by its own label it does so again; one that named a revision has the new one. */
const labelsAfter = (mesh: MeshRevision) =>
  mesh === 'default' ? labels(mesh) : labelsMoved(mesh, ['catalog', 'storefront']);

/** The old control plane goes, and the mesh works without it. */
const removing = (mesh: MeshRevision): readonly Act[] => [
  {
    run: 'promote',
    inputs: { 'remove-old': 'true', 'remove-old-after': '0s' },
    again: true,
    then: {
      outcome: 'succeeded',
      state: 'completed',
      outputs: { 'rollback-ready': 'false', 'next-phase': '' },
      ...allNew(),
      default: TARGET,
      labels: labelsAfter(mesh),
      remains: { of: mesh, are: LABELLED_BY_USERS[mesh] },
      born: { storefront: NEW, checkout: NEW, legacy: NEW },
      validates: true,
    },
  },
  {
    run: 'rollback',
    then: { outcome: 'refused', errors: ['past-point-of-no-return'], asked: 'no-write' },
  },
];

/** A whole upgrade: a list of one. */
export function upgradeOf(mesh: MeshRevision): readonly Scenario[] {
  return [
    {
      id: `upgrade-${mesh}`,
      shows:
        'precheck, canary, promote and the removal do what they say, and proved it; run again, each has nothing to do',
      mesh,
      leaves: 'changed',
      probed: 'if-asked',
      acts: [...looking(mesh), ...moving(mesh), ...removing(mesh)],
    },
  ];
}
