import { expect, test } from '@jest/globals';
import { isFailing } from '../../../src/istio/pod-problem.ts';

type Status = NonNullable<Parameters<typeof isFailing>[0]['status']>;
type Container = NonNullable<Status['containerStatuses']>[number];

const failing = (app: Partial<Container>, init: readonly Container[] = []): boolean =>
  isFailing({
    metadata: { name: 'p' },
    spec: { containers: [] },
    status: {
      initContainerStatuses: init,
      containerStatuses: [{ name: 'app', ready: false, ...app }],
    },
  });

test.each<[string, boolean, boolean]>([
  ['starts', failing({ state: { waiting: { reason: 'ContainerCreating' } } }), false],
  ['waits for its init containers', failing({ state: { waiting: { reason: 'PodInitializing' } } }), false],
  ['runs, and is not ready yet', failing({}), false],
  ['is scheduled nowhere yet', isFailing({ metadata: { name: 'p' }, spec: { containers: [] } }), false],
  ['has crashed, and runs again', failing({ restartCount: 1 }), true],
  ['has crashed before, and is ready', failing({ restartCount: 1, ready: true }), false],
  ['waits before it is started again', failing({ state: { waiting: { reason: 'CrashLoopBackOff' } } }), true],
  ['has no image', failing({ state: { waiting: { reason: 'ErrImagePull' } } }), true],
  ['has ended', failing({ state: { terminated: { exitCode: 1 } } }), true],
  [
    'has an init container that tried twice, and is through',
    failing({}, [{ name: 'i', ready: true, restartCount: 1, state: { terminated: { exitCode: 0 } } }]),
    false,
  ],
])('a pod that %s fails: %s', (_, is, wanted) => {
  expect(is).toBe(wanted);
});
