import type { Act, MeshRevision, RunAct, Scenario } from '../scenario.ts';
import { NEW, TARGET, allNew, canaryOf, dataPlane, labels, wayBack } from './shop.ts';

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

const remove = (tag: string): Act => ({ event: { istioctl: ['tag', 'remove', tag, '-y'] } });

const TRACKING = 'argocd.argoproj.io/tracking-id';
const TAG = (tag: string): string => `MutatingWebhookConfiguration istio-revision-tag-${tag}`;

/** Argo CD's mark: Git has the tag, as `istioctl tag generate` prints it. */
const track = (tag: string): Act => ({
  event: { patch: TAG(tag), with: { metadata: { annotations: { [TRACKING]: `mesh:/${TAG(tag)}` } } } },
});

/** What Git says of a tag is changed, and synced. */
const synced = (tag: string, revision: string): Act => ({
  event: { istioctl: ['tag', 'set', tag, '--revision', revision, '--overwrite', '-y'] },
});

/** A phase that would write over Git. */
const keptHere = (run: RunAct['run'], inputs: Record<string, string>, remedy: string): Act => ({
  run,
  inputs,
  then: {
    outcome: 'refused',
    errors: ['tag-kept-in-git'],
    says: [{ id: 'tag-kept-in-git', message: ['Argo CD'], remedy }],
    asked: 'no-write',
  },
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

/** Old and new side by side, and back from each state, as it was. */
const thereAndBack = (mesh: MeshRevision): readonly Act[] => [
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
        has: [`tag canary: ${mesh} → ${TARGET} (reaches every new pod of Namespace storefront)`],
        lacks: ['tag prod', 'Namespace storefront: '],
      },
    },
  },
  canary(mesh),
  back(mesh),
  canary(mesh),
  promote(mesh),
  back(mesh),
];

/** The old control plane goes, the tags stay. */
const removed = (mesh: MeshRevision): readonly Act[] => [
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
      exists: [
        'MutatingWebhookConfiguration istio-revision-tag-prod',
        'MutatingWebhookConfiguration istio-revision-tag-canary',
      ],
      born: { storefront: NEW, catalog: NEW, checkout: NEW },
      validates: true,
    },
  },
];

/** Namespaces that named the revision follow the tag; who followed the default, or names both, is as it was. */
const labelsAdopted = (mesh: MeshRevision) => ({
  ...labels(mesh),
  storefront: { 'istio.io/rev': 'prod', ...SHOP },
  catalog: { 'istio.io/rev': 'prod', ...SHOP },
});

const adopt = (mesh: MeshRevision, more: Readonly<Record<string, string>> = {}): RunAct => ({
  run: 'promote',
  inputs: { 'stable-tags': 'prod', 'adopt-tags': 'true', ...more },
  again: true,
  then: {
    outcome: 'succeeded',
    state: 'promoted',
    ...allNew(),
    default: TARGET,
    labels: labelsAdopted(mesh),
    exists: ['MutatingWebhookConfiguration istio-revision-tag-prod'],
    born: { storefront: NEW, catalog: NEW, checkout: NEW },
  },
});

const untagged: readonly Act[] = [
  remove('prod'),
  remove('canary'),
  follows('storefront', '1-30-3'),
  follows('catalog', '1-30-3'),
];

const REPORTS = 'Deployment outside/reports';

const chooses = (tag: string | null): Act => ({
  event: {
    patch: REPORTS,
    with: { spec: { template: { metadata: { labels: { 'istio.io/rev': tag } } } } },
    until: 'rolled-out',
  },
});

/** A mesh whose namespaces follow revision tags: the way that the documents teach for it. */
export const tags: readonly Scenario[] = [
  {
    id: 'tags-1-30-3',
    shows:
      'canary moves the canary tag, promote the others, no label of theirs is touched, and rollback takes them back from each state',
    mesh: '1-30-3',
    leaves: 'as-it-was',
    probed: 'if-asked',
    acts: [...tagged('1-30-3'), ...thereAndBack('1-30-3'), ...untagged],
  },
  {
    id: 'tags-default',
    shows: 'tags move away from a control plane without a revision, which is then removed',
    mesh: 'default',
    leaves: 'changed',
    acts: [...tagged('default'), ...removed('default')],
  },
  {
    id: 'tags-adopt',
    shows:
      'adopt-tags: namespaces that name the revision follow a tag after promote, their labels and the tag go back to what was there in rollback, and nothing is left to remember after the removal',
    mesh: '1-30-3',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [
      canaryOf('storefront', ['storefront']),
      adopt('1-30-3'),
      { run: 'rollback', then: { ...wayBack('1-30-3'), labels: labels('1-30-3') } },
      canaryOf('storefront', ['storefront']),
      {
        ...adopt('1-30-3', { 'remove-old': 'true', 'remove-old-after': '0s' }),
        then: { ...adopt('1-30-3').then, state: 'completed' },
      },
    ],
  },
  {
    id: 'tags-removal',
    shows: 'tags stay when the old control plane goes',
    mesh: '1-30-3',
    leaves: 'changed',
    testbed: 'if-asked',
    acts: [...tagged('1-30-3'), ...removed('1-30-3')],
  },
  {
    id: 'tags-back-default',
    shows: 'tags go back to a control plane without a revision',
    mesh: 'default',
    leaves: 'changed',
    played: 'if-asked',
    acts: [...tagged('default'), ...thereAndBack('default')],
  },
  {
    id: 'tags-on-template',
    shows:
      'a workload that chooses a tag by its own template is part of a canary of that tag, and of no other',
    mesh: '1-30-3',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      point('canary', '1-30-3'),
      point('prod', '1-30-3'),
      chooses('canary'),
      { keep: 'tagged' },
      {
        run: 'canary',
        inputs: { 'canary-tag': 'prod' },
        then: { outcome: 'refused', errors: ['canary-shows-nothing'], asked: 'no-write' },
      },
      {
        run: 'canary',
        inputs: { 'canary-tag': 'canary' },
        again: true,
        then: {
          outcome: 'succeeded',
          state: 'canary',
          dataPlane: { ...dataPlane('1-30-3', []), outside: `${TARGET}@${NEW}` },
        },
      },
      {
        run: 'rollback',
        then: {
          outcome: 'rolled-back',
          same: 'tagged',
          dataPlane: { ...dataPlane('1-30-3', []), outside: '1-30-3@1.30.3' },
        },
      },
      chooses(null),
      remove('prod'),
      remove('canary'),
    ],
  },
  {
    id: 'tags-mixed',
    shows:
      'a namespace that follows a tag can be a canary by its name, and has its tag back in promote; a tag that is made goes again',
    mesh: '1-30-3',
    leaves: 'as-it-was',
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
      ...untagged,
    ],
  },
  {
    id: 'tags-kept-in-git',
    shows:
      'M28: a tag that Argo CD tracks is moved by nobody but Git: each phase says so, and goes on once Git has moved it',
    mesh: '1-30-3',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      point('prod', '1-30-3'),
      follows('storefront', 'prod'),
      track('prod'),
      { keep: 'tracked' },
      {
        run: 'precheck',
        inputs: { 'canary-namespaces': 'catalog' },
        then: { outcome: 'succeeded', tells: [`tag-kept-in-git ${TAG('prod')}`] },
      },
      keptHere('precheck', { 'canary-tag': 'prod' }, 'Leave tag prod out'),
      keptHere('canary', { 'canary-tag': 'prod' }, 'Leave tag prod out'),
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'catalog' },
        then: { outcome: 'succeeded', state: 'canary', tells: [`tag-kept-in-git ${TAG('prod')}`] },
      },
      keptHere('canary', { 'canary-tag': 'prod' }, `Set tag prod in Git to ${TARGET}`),
      keptHere('promote', { 'stable-tags': 'prod' }, 'then run canary with canary-tag: prod'),
      synced('prod', TARGET),
      {
        run: 'canary',
        inputs: { 'canary-tag': 'prod' },
        then: {
          outcome: 'succeeded',
          state: 'canary',
          dataPlane: dataPlane('1-30-3', ['catalog', 'storefront']),
        },
      },
      promote('1-30-3'),
      {
        run: 'rollback',
        then: {
          outcome: 'failed',
          errors: ['still-in-use'],
          tells: [`tag-kept-in-git ${TAG('prod')}`],
          says: [{ id: 'still-in-use', remedy: 'Set tag prod in Git to 1-30-3' }],
          dataPlane: dataPlane('1-30-3', ['storefront']),
        },
      },
      synced('prod', '1-30-3'),
      { run: 'rollback', again: true, then: wayBack('1-30-3', 'tracked') },
      remove('prod'),
      follows('storefront', '1-30-3'),
    ],
  },
  {
    id: 'tags-default-kept-in-git',
    shows: 'M28: so it is with the default tag, and nothing goes back before Git has led it back',
    mesh: '1-30-3',
    leaves: 'as-it-was',
    testbed: 'if-asked',
    acts: [
      track('default'),
      { keep: 'tracked' },
      {
        run: 'canary',
        inputs: { 'canary-namespaces': 'storefront' },
        then: { outcome: 'succeeded', state: 'canary', tells: [`tag-kept-in-git ${TAG('default')}`] },
      },
      keptHere('promote', {}, `Set the default tag in Git to ${TARGET}`),
      synced('default', TARGET),
      promote('1-30-3'),
      keptHere('rollback', {}, 'Set the default tag in Git to 1-30-3'),
      synced('default', '1-30-3'),
      { run: 'rollback', again: true, then: wayBack('1-30-3', 'tracked') },
      { event: { patch: TAG('default'), with: { metadata: { annotations: { [TRACKING]: null } } } } },
    ],
  },
];
