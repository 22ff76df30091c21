import type { EventAct, RunAct, Scenario } from '../scenario.ts';
import { allNew, canaryOf } from './shop.ts';

const MESH = '1-30-3';
const LOST = 'discovery-would-be-lost';

/** The control plane that runs watches the namespaces that one of these chooses. */
const watches = (...labels: readonly Readonly<Record<string, string>>[]): EventAct => ({
  event: {
    patch: `ConfigMap istio-system/istio-${MESH}`,
    with: {
      data: {
        mesh: JSON.stringify({
          defaultConfig: { discoveryAddress: `istiod-${MESH}.istio-system.svc:15012` },
          discoverySelectors: labels.map((matchLabels) => ({ matchLabels })),
        }),
      },
    },
  },
});

const refused = (run: 'precheck' | 'canary' | 'promote', namespaces: readonly string[]): RunAct => ({
  run,
  ...(run === 'promote' ? {} : { inputs: { 'canary-namespaces': 'storefront' } }),
  then: {
    outcome: 'refused',
    errors: [LOST],
    about: namespaces.map((name) => `Namespace ${name}`),
    says: [
      { id: LOST, message: ['discoverySelectors', '1.30.3 of 1-30-3'], remedy: 'kubectl label namespace' },
    ],
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
      refused('precheck', ['storefront', 'catalog', 'legacy']),
      refused('canary', ['storefront']),
      watches({ 'istio.io/rev': MESH }, { 'app.kubernetes.io/part-of': 'shop' }),
      canaryOf('storefront', ['storefront']),
      watches({ 'istio.io/rev': MESH }, { 'kubernetes.io/metadata.name': 'storefront' }),
      refused('promote', ['catalog', 'legacy']),
      watches({ 'istio.io/rev': MESH }, { 'app.kubernetes.io/part-of': 'shop' }),
      { run: 'promote', then: { outcome: 'succeeded', state: 'promoted', ...allNew() } },
    ],
  },
];
