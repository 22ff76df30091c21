import type { Act, Scenario } from '../scenario.ts';
import { record } from './forged-record.ts';
import { RECORD, TARGET, allNew, canaryOf, istiod } from './shop.ts';

const MESH = '1-30-3';
const PROMOTED: readonly Act[] = [
  canaryOf('storefront', ['storefront']),
  { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', ...allNew() } },
];
const REMOVE_OLD = { 'remove-old': 'true', 'remove-old-after': '0s' };
const REMOVED = { outcome: 'succeeded', state: 'completed', default: TARGET, ...allNew() } as const;

/** A removal that has begun, and was stopped before it had taken these. */
const stoppedBefore = (...left: readonly string[]): Act => ({
  event: {
    patch: RECORD,
    with: record({ intent: 'remove', removing: [`Service istio-system/istiod-${MESH}`, ...left] }),
  },
});

/** What becomes of a removal that stops half-way (M36). */
export const removal: readonly Scenario[] = [
  {
    id: 'removal-deployment-left',
    shows: 'a removal that has taken all but istiod, which serves on, is finished by promote with remove-old',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      ...PROMOTED,
      stoppedBefore(istiod(MESH)),
      { event: { delete: `MutatingWebhookConfiguration istio-sidecar-injector-${MESH}` } },
      { event: { delete: `Service istio-system/istiod-${MESH}` } },
      { event: { delete: `ConfigMap istio-system/istio-${MESH}` } },
      {
        run: 'promote',
        then: { outcome: 'refused', state: 'removing', errors: ['removal-unfinished'], asked: 'no-write' },
      },
      { run: 'promote', inputs: REMOVE_OLD, then: REMOVED },
    ],
  },
  {
    id: 'removal-webhooks-gone',
    shows: 'a removal that has taken the webhooks alone is finished by promote with remove-old',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      ...PROMOTED,
      stoppedBefore(istiod(MESH)),
      { event: { delete: `MutatingWebhookConfiguration istio-sidecar-injector-${MESH}` } },
      { event: { delete: `ValidatingWebhookConfiguration istio-validator-${MESH}-istio-system` } },
      { run: 'promote', inputs: REMOVE_OLD, then: REMOVED },
    ],
  },
  {
    id: 'removal-held',
    shows: 'an istiod that a finalizer holds is named with it, and once it is free the removal is finished',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      ...PROMOTED,
      { event: { patch: istiod(MESH), with: { metadata: { finalizers: ['audit.example/hold'] } } } },
      {
        run: 'promote',
        inputs: REMOVE_OLD,
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'removing',
          errors: ['uninstall-incomplete'],
          says: [
            {
              id: 'uninstall-incomplete',
              message: [istiod(MESH), 'audit.example/hold'],
              remedy: 'run the phase again',
            },
          ],
        },
      },
      { event: { patch: istiod(MESH), with: { metadata: { finalizers: null } } } },
      { run: 'promote', inputs: REMOVE_OLD, then: REMOVED },
    ],
  },
];
