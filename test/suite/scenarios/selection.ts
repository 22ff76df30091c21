import type { Scenario } from '../scenario.ts';
import { MESHES, NEW, TARGET, canaryOf, labels, wayBack } from './shop.ts';

const MESH = '1-30-3';

/** How canary namespaces are chosen. */
export const selection: readonly Scenario[] = [
  {
    id: 'select-by-label',
    shows: 'a label selector takes the namespaces of the mesh that it matches, and none outside',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      canaryOf('app.kubernetes.io/part-of=shop, !nothing', ['catalog', 'checkout', 'legacy', 'storefront']),
      { run: 'rollback', then: { ...wayBack(MESH), labels: labels(MESH) } },
    ],
  },
  {
    id: 'select-newest-patch',
    shows:
      'a precheck takes a version as people write it, puts out the whole one, and tells that the others want it',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      ...['1.31', '1.31.x'].map((version) => ({
        run: 'precheck' as const,
        inputs: { version },
        then: {
          outcome: 'succeeded' as const,
          outputs: { 'to-version': NEW, 'to-revision': TARGET },
          // Canary is refused below with the same input (promise 14).
          tells: ['version-not-whole'],
        },
      })),
      {
        run: 'precheck',
        inputs: { version: `v${NEW}` },
        then: { outcome: 'succeeded', outputs: { 'to-version': NEW, 'to-revision': TARGET } },
      },
      {
        run: 'canary',
        inputs: { version: `v${NEW}`, 'canary-namespaces': 'storefront', 'dry-run': 'true' },
        then: { outcome: 'succeeded', outputs: { 'to-version': NEW }, asked: 'no-write' },
      },
      {
        run: 'precheck',
        inputs: { version: '1.99' },
        then: { outcome: 'refused', errors: ['version-not-offered'], asked: 'no-write' },
      },
      {
        run: 'canary',
        inputs: { version: '1.31', 'canary-namespaces': 'storefront' },
        then: { outcome: 'refused', errors: ['input-not-usable'], asked: 'nothing' },
      },
    ],
  },
  {
    id: 'select-wider',
    shows:
      'more namespaces in a next run widen the canary, in the same attempt; dry runs tell what is to come',
    mesh: MESH,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      canaryOf('legacy', ['legacy']),
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'legacy, catalog', 'dry-run': 'true' },
        then: {
          outcome: 'succeeded',
          state: 'canary',
          asked: 'no-write',
          changes: { has: ['Namespace catalog'], lacks: ['Namespace legacy', 'install istiod'] },
        },
      },
      {
        ...canaryOf('catalog', ['catalog', 'legacy']),
        then: { ...canaryOf('catalog', ['catalog', 'legacy']).then, attempt: 'same' },
      },
      { run: 'rollback', then: wayBack(MESH) },
    ],
  },
  ...MESHES.map((mesh): Scenario => ({
    id: `select-both-labels-${mesh}`,
    shows:
      'a namespace with both labels follows istio-injection; both are gone while it has moved, and both come back',
    mesh,
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      canaryOf('legacy', ['legacy'], mesh),
      { run: 'rollback', then: { ...wayBack(mesh), labels: labels(mesh) } },
    ],
  })),
  {
    id: 'select-injection',
    shows:
      'a namespace that follows the default tag moves by its own label while the default stays where it is',
    mesh: 'default',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      canaryOf('checkout', ['checkout'], 'default'),
      { run: 'rollback', then: { ...wayBack('default'), labels: labels('default') } },
    ],
  },
];
