import type { Scenario } from '../scenario.ts';
import { record } from './forged-record.ts';
import { NEW, OLD, RECORD, TARGET, allNew, canaryOf, dataPlane, istiod, wayBack } from './shop.ts';

const MESH = '1-30-3';
const CANARY = canaryOf('storefront', ['storefront']);
const PROMOTE = { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', ...allNew() } } as const;
const NOTHING_DONE = { asked: 'no-write', exists: [istiod(MESH), istiod(TARGET)] } as const;

/** Direction and destination: an upgrade goes up, and whatever the record says, the mesh proves it (M01, M10, M11, M34–M37). */
export const direction: readonly Scenario[] = [
  {
    id: 'direction-older-version',
    shows: 'M01: a rollback that is given the older version is refused, and told the newer one',
    mesh: MESH,
    leaves: 'as-it-was',
    acts: [
      CANARY,
      PROMOTE,
      { event: { delete: RECORD } },
      {
        run: 'rollback',
        then: {
          outcome: 'refused',
          errors: ['target-unknown'],
          says: [{ id: 'target-unknown', message: [OLD, NEW] }],
          ...NOTHING_DONE,
        },
      },
      {
        run: 'rollback',
        inputs: { version: OLD },
        then: {
          outcome: 'refused',
          errors: ['target-not-newer'],
          says: [{ id: 'target-not-newer', message: [NEW] }],
          ...NOTHING_DONE,
          ...allNew(),
        },
      },
      { run: 'rollback', inputs: { version: NEW }, then: wayBack(MESH) },
    ],
  },
  {
    id: 'direction-record-swapped',
    shows: 'M34: a record whose sides are swapped, or whose version is not what runs, removes nothing',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      {
        event: {
          patch: RECORD,
          with: record({ from: { revision: TARGET, version: NEW }, to: { revision: MESH, version: OLD } }),
        },
      },
      { run: 'rollback', then: { outcome: 'refused', errors: ['target-unknown'], ...NOTHING_DONE } },
      {
        event: {
          patch: RECORD,
          with: record({ from: { revision: TARGET, version: OLD }, to: { revision: MESH, version: NEW } }),
        },
      },
      { run: 'rollback', then: { outcome: 'refused', errors: ['target-unknown'], ...NOTHING_DONE } },
      { run: 'rollback', inputs: { version: NEW }, then: wayBack(MESH) },
    ],
  },
  {
    id: 'direction-record-to-default',
    shows: 'M35: a record that goes to the control plane without revision is not followed',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      {
        event: {
          patch: RECORD,
          with: record({ to: { revision: 'default', version: NEW }, intent: 'canary' }),
        },
      },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: {
          outcome: 'no-changes',
          state: 'canary',
          dataPlane: dataPlane(MESH, ['storefront']),
          default: MESH,
          asked: 'no-write',
        },
      },
      { run: 'rollback', inputs: { version: NEW }, then: wayBack(MESH) },
    ],
  },
  {
    id: 'direction-removing-forged',
    shows: 'M36: a removal that never began does not block the way back for good: the remedy gets on',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      { event: { patch: RECORD, with: record({ removing: ['x'] }) } },
      { run: 'rollback', then: { outcome: 'refused', errors: ['record-unreadable'], ...NOTHING_DONE } },
      { event: { patch: RECORD, with: record({ removing: 5 }) } },
      { run: 'promote', then: { outcome: 'refused', errors: ['record-unreadable'], ...NOTHING_DONE } },
      { event: { patch: RECORD, with: record({ removing: ['ConfigMap istio-system/never-was'] }) } },
      {
        run: 'rollback',
        then: { outcome: 'refused', errors: ['past-point-of-no-return'], ...NOTHING_DONE },
      },
      { event: { delete: RECORD } },
      { run: 'rollback', inputs: { version: NEW }, then: wayBack(MESH) },
    ],
  },
  {
    id: 'direction-annotation-forged',
    shows:
      'M37: an annotation on a namespace that was never moved, or that can not be read, writes and stops nothing',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      {
        event: {
          patch: 'Namespace outside',
          with: {
            metadata: {
              annotations: {
                'istio-upgrade/original-labels': '{"istio.io/rev":"1-30-3","istio-injection":null}',
              },
            },
          },
        },
      },
      {
        event: {
          patch: 'Namespace catalog',
          with: { metadata: { annotations: { 'istio-upgrade/original-labels': 'not of this Action' } } },
        },
      },
      { keep: 'forged' },
      CANARY,
      PROMOTE,
      { run: 'rollback', then: { outcome: 'rolled-back', dataPlane: dataPlane(MESH, []) } },
      {
        event: {
          patch: 'Namespace outside',
          with: { metadata: { annotations: { 'istio-upgrade/original-labels': null } } },
        },
        then: { same: 'start' },
      },
    ],
  },
  {
    id: 'direction-stays-on-target',
    shows:
      'M40: a namespace that somebody labelled for the target is told before, and all the rest goes back',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      CANARY,
      PROMOTE,
      { event: { patch: 'Namespace outside', with: { metadata: { labels: { 'istio.io/rev': TARGET } } } } },
      {
        run: 'rollback',
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'rolling-back',
          errors: ['still-in-use'],
          dataPlane: dataPlane(MESH, []),
          default: MESH,
          outputs: { 'next-phase': '' },
        },
      },
      { event: { patch: 'Namespace outside', with: { metadata: { labels: { 'istio.io/rev': null } } } } },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
];
