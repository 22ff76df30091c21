import type { Act, Scenario } from '../scenario.ts';
import { MESHES, NEW, TARGET, allOld, istiod, ofBoth, wayBack } from './shop.ts';

const CANARY = { 'canary-namespaces': 'catalog\nkubernetes.io/metadata.name in (checkout, legacy)' };

const canary = (attempt?: 'new'): Act => ({
  run: 'canary',
  inputs: CANARY,
  then: {
    outcome: 'succeeded',
    state: 'canary',
    differs: 'start',
    connected: { [TARGET]: 'some' },
    ...(attempt === undefined ? {} : { attempt }),
  },
});

/** Somebody labels a namespace for the canary that the Action has not moved. */
const joins = (revision: string | null): Act => ({
  event: { patch: 'Namespace outside', with: { metadata: { labels: { 'istio.io/rev': revision } } } },
});

export const rollback: readonly Scenario[] = MESHES.flatMap((mesh): Scenario[] => [
  {
    id: `rollback-${mesh}`,
    shows:
      'the way back from canary and from promoted ends where it began, and each canary after it is a new attempt',
    mesh,
    leaves: 'as-it-was',
    probed: 'if-asked',
    acts: [
      { run: 'rollback', then: { outcome: 'no-changes', asked: 'no-write', same: 'start' } },
      canary(),
      { run: 'rollback', again: true, then: { ...wayBack(mesh), attempt: 'same' } },
      canary('new'),
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', connected: { [mesh]: 'none' } } },
      { run: 'rollback', again: true, then: wayBack(mesh) },
    ],
  },
  {
    id: `rollback-in-use-${mesh}`,
    shows: 'what somebody else has put on the canary keeps it from being removed',
    mesh,
    leaves: 'as-it-was',
    ...ofBoth(mesh),
    acts: [
      canary(),
      joins(TARGET),
      {
        run: 'rollback',
        patience: 'short',
        then: {
          outcome: 'failed',
          state: 'rolling-back',
          errors: ['still-in-use'],
          about: ['Namespace outside', 'Deployment outside/reports'],
          exists: [istiod(TARGET)],
          ...allOld(mesh),
        },
      },
      // By these a workflow that is run again goes on with it (examples/rollback-on-failure.yml).
      {
        run: 'canary',
        inputs: CANARY,
        then: {
          outcome: 'refused',
          state: 'rolling-back',
          errors: ['wrong-state'],
          outputs: { 'to-version': NEW },
          asked: 'no-write',
        },
      },
      joins(null),
      { run: 'rollback', then: wayBack(mesh) },
    ],
  },
]);
