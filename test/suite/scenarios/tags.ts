import type { Act, MeshRevision, Scenario } from '../scenario.ts';
import { MESHES, NEW, TARGET, allNew, dataPlane, labels, wayBack } from './shop.ts';

const SHOP = { 'app.kubernetes.io/part-of': 'shop' };

/** The shop's namespaces once two of them follow a tag of their own. */
const labelsTagged = (mesh: MeshRevision) => ({
  ...labels(mesh),
  storefront: { 'istio.io/rev': 'canary', ...SHOP },
  catalog: { 'istio.io/rev': 'prod', ...SHOP },
});

const follows = (namespace: string, tag: string): Act => ({
  event: { patch: `Namespace ${namespace}`, with: { metadata: { labels: { 'istio.io/rev': tag } } } },
});

const point = (tag: string, revision: string): Act => ({
  event: { istioctl: ['tag', 'set', tag, '--revision', revision, '-y'] },
});

/** Tags as the documents set them up: both on the old control plane, and namespaces that follow them. */
const tagged = (mesh: MeshRevision): readonly Act[] => [
  point('prod', mesh),
  point('canary', mesh),
  follows('storefront', 'canary'),
  follows('catalog', 'prod'),
  { keep: 'tagged' },
];

const canary = (mesh: MeshRevision): Act => ({
  run: 'canary',
  inputs: { 'canary-tag': 'canary' },
  again: true,
  then: {
    outcome: 'succeeded',
    state: 'canary',
    dataPlane: dataPlane(mesh, ['storefront']),
    labels: labelsTagged(mesh),
    default: mesh,
  },
});

const promote = (mesh: MeshRevision): Act => ({
  run: 'promote',
  again: true,
  then: {
    outcome: 'succeeded',
    state: 'promoted',
    ...allNew(),
    connected: { [TARGET]: 'all', [mesh]: 'none' },
    default: TARGET,
  },
});

const back = (mesh: MeshRevision): Act => ({ run: 'rollback', again: true, then: wayBack(mesh, 'tagged') });

/** A mesh whose namespaces follow revision tags: the way that the documents teach for it. */
export const tags: readonly Scenario[] = [
  ...MESHES.map((mesh): Scenario => ({
    id: `tags-${mesh}`,
    shows:
      'canary moves the canary tag, promote the others, no label of theirs is touched, and rollback takes them back from each state',
    mesh,
    leaves: 'changed',
    acts: [
      ...tagged(mesh),
      {
        run: 'precheck',
        inputs: { 'canary-tag': 'canary' },
        then: { outcome: 'succeeded', state: 'none', asked: 'no-write', same: 'tagged' },
      },
      {
        run: 'canary',
        inputs: { 'canary-tag': 'canary', 'dry-run': 'true' },
        then: {
          outcome: 'succeeded',
          state: 'none',
          asked: 'no-write',
          changes: {
            has: [`tag canary: ${mesh} → ${TARGET} (from then on every new pod in storefront)`],
            lacks: ['tag prod', 'Namespace storefront'],
          },
        },
      },
      canary(mesh),
      back(mesh),
      canary(mesh),
      promote(mesh),
      back(mesh),
      canary(mesh),
      promote(mesh),
      {
        run: 'promote',
        inputs: { 'remove-old': 'true', 'remove-old-after': '0s' },
        again: true,
        then: {
          outcome: 'succeeded',
          state: 'completed',
          ...allNew(),
          default: TARGET,
          born: { storefront: NEW, catalog: NEW, checkout: NEW },
          validates: true,
        },
      },
    ],
  })),
  {
    id: 'tags-mixed',
    shows:
      'a namespace that follows a tag can be a canary by its name, and has its tag back in promote; a tag that is made goes again',
    mesh: '1-30-3',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      ...tagged('1-30-3'),
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'catalog, checkout' },
        then: {
          outcome: 'succeeded',
          state: 'canary',
          dataPlane: dataPlane('1-30-3', ['catalog', 'checkout']),
          labels: {
            ...labelsTagged('1-30-3'),
            catalog: { 'istio.io/rev': TARGET, ...SHOP },
            checkout: { 'istio.io/rev': TARGET, ...SHOP },
          },
        },
      },
      {
        run: 'promote',
        inputs: { 'stable-tags': 'next' },
        then: {
          outcome: 'succeeded',
          state: 'promoted',
          ...allNew(),
          default: TARGET,
          exists: ['MutatingWebhookConfiguration istio-revision-tag-next'],
        },
      },
      back('1-30-3'),
    ],
  },
];
