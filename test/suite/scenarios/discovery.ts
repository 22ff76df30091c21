import type { EventAct, RunAct, Scenario } from '../scenario.ts';
import { TARGET, allNew, canaryOf } from './shop.ts';

const MESH = '1-30-3';
const LOST = 'discovery-would-be-lost';

type Selected = readonly Readonly<Record<string, string>>[];

/** A control plane watches the namespaces that one of these chooses. */
const watchesOf = (revision: string, labels: Selected): EventAct => ({
  event: {
    patch: `ConfigMap istio-system/istio-${revision}`,
    with: {
      data: {
        mesh: JSON.stringify({
          defaultConfig: { discoveryAddress: `istiod-${revision}.istio-system.svc:15012` },
          discoverySelectors: labels.map((matchLabels) => ({ matchLabels })),
        }),
      },
    },
  },
});
const watches = (...labels: Selected) => watchesOf(MESH, labels);
const targetWatches = (...labels: Selected) => watchesOf(TARGET, labels);

const SHOP = { 'app.kubernetes.io/part-of': 'shop' };

const refused = (
  run: 'precheck' | 'canary' | 'promote',
  namespaces: readonly string[],
  plane = `1.30.3 of ${MESH}`,
): RunAct => ({
  run,
  ...(run === 'promote' ? {} : { inputs: { 'canary-namespaces': 'storefront' } }),
  then: {
    outcome: 'refused',
    errors: [LOST],
    about: namespaces.map((name) => `Namespace ${name}`),
    says: [{ id: LOST, message: ['discoverySelectors', plane], remedy: 'kubectl label namespace' }],
    asked: 'no-write',
  },
});

/** Namespaces that a control plane watches by a label which the move takes away. */
export const discovery: readonly Scenario[] = [
  {
    id: 'discovery-by-revision',
    shows:
      'no namespace is moved out of the sight of a control plane: its proxies would look well, and calls to it fail',
    mesh: MESH,
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      watches({ 'istio.io/rev': MESH }),
      refused('precheck', ['catalog', 'legacy', 'storefront']),
      refused('canary', ['storefront']),
      watches({ 'istio.io/rev': MESH }, SHOP),
      canaryOf('storefront', ['storefront']),
      watches({ 'istio.io/rev': MESH }, { 'kubernetes.io/metadata.name': 'storefront' }),
      refused('promote', ['catalog', 'legacy']),
      watches({ 'istio.io/rev': MESH }, SHOP),
      // What follows the default gets its label of before back, and the target does not watch that.
      targetWatches({ 'istio.io/rev': TARGET }),
      refused('promote', ['checkout', 'legacy'], `1.31.0 of ${TARGET}`),
      targetWatches({ 'istio.io/rev': TARGET }, SHOP),
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', ...allNew() } },
      // With all proxies on it there is nothing more to lose, and no way back is asked for.
      targetWatches({ 'istio.io/rev': TARGET }),
      {
        run: 'promote',
        then: {
          outcome: 'no-changes',
          state: 'promoted',
          tells: ['checkout', 'legacy'].map((name) => `${LOST} Namespace ${name}`),
        },
      },
      {
        run: 'promote',
        inputs: { 'remove-old': 'true', 'remove-old-after': '0s' },
        then: { outcome: 'succeeded', state: 'completed' },
      },
    ],
  },
];
