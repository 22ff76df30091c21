import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { KubernetesObject, Metadata } from '../../../src/cluster/objects.ts';
import { frameOf } from '../../../src/istio/frame.ts';
import { injectorsOf } from '../../../src/istio/injection.ts';
import { type KeptTag, keptTagOf, leading, tagsKeptAt } from '../../../src/istio/kept-tags.ts';
import type { Mesh } from '../../../src/istio/mesh.ts';
import { NEW, OLD, foreignWebhook, tagWebhook } from '../../support/mesh.ts';

const KIND = 'MutatingWebhookConfiguration';
/** As istioctl from 1.24 on labels a tag, and `tag generate` prints it. */
const CHARTED = { 'app.kubernetes.io/instance': 'istio', 'app.kubernetes.io/managed-by': 'Helm' };
const TRACKED = { 'argocd.argoproj.io/tracking-id': 'mesh:x' };
const RELEASE = { 'meta.helm.sh/release-name': 'tags', 'meta.helm.sh/release-namespace': 'istio-system' };

/** What keeps a tag that has these marks. */
function keptBy(marks: Partial<Metadata>): KeptTag | undefined {
  const { metadata } = tagWebhook('prod', OLD.revision);
  const labels = { ...metadata.labels, ...marks.labels };
  return keptTagOf(KIND, { metadata: { ...metadata, ...marks, labels } })[0];
}
const managed = (manager: string, ...labels: readonly string[]) => ({
  manager,
  fieldsV1: { 'f:metadata': { 'f:labels': Object.fromEntries(labels.map((label) => [`f:${label}`, {}])) } },
});

describe('M28: who keeps a tag', () => {
  test.each<[string, Partial<Metadata>, string]>([
    ['Argo CD, by annotation', { annotations: TRACKED }, 'Argo CD'],
    ['Flux, a Kustomization', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'mesh' } }, 'Flux'],
    [
      'Argo CD, by managed fields alone, as its label of tracking is that of the chart',
      { labels: CHARTED, managedFields: [managed('argocd-controller', 'istio.io/rev')] },
      'Argo CD',
    ],
    [
      'Argo CD, also where somebody else has set the label last: Git still has it',
      {
        annotations: TRACKED,
        managedFields: [managed('argocd-controller', 'app'), managed('istio-operator', 'istio.io/rev')],
      },
      'Argo CD',
    ],
    [
      'Flux, by a release of Helm’s',
      { annotations: RELEASE, labels: { 'helm.toolkit.fluxcd.io/name': 'tags' } },
      'Flux',
    ],
  ])('%s', (_, marks, keeper) => {
    expect(keptBy(marks)).toEqual({
      tag: 'prod',
      revision: OLD.revision,
      object: `${KIND} istio-revision-tag-prod`,
      keeper,
      place: 'in Git',
    });
  });

  test('a release of Helm’s, which puts it back when it is upgraded', () => {
    const kept = keptBy({ annotations: RELEASE, labels: CHARTED });
    expect(kept && leading(kept, NEW.revision)).toBe(
      `Set tag prod in the values of its chart to ${NEW.revision} (Helm release istio-system/tags keeps it, and undoes istioctl tag set)`,
    );
  });

  test.each<[string, Partial<Metadata>]>([
    [
      'as istioctl tag set makes it',
      { labels: CHARTED, managedFields: [managed('istio-operator', 'istio.io/rev')] },
    ],
    [
      'applied by hand',
      { labels: CHARTED, managedFields: [managed('kubectl-client-side-apply', 'istio.io/rev')] },
    ],
    [
      'of istioctl since a release of Helm’s left it',
      { annotations: RELEASE, labels: { ...CHARTED, 'operator.istio.io/managed': 'Reconcile' } },
    ],
  ])('nobody: %s', (_, marks) => {
    expect(keptBy(marks)).toBeUndefined();
  });

  test('nobody keeps what istioctl was seen to make', () => {
    const seen = JSON.parse(
      readFileSync('test/fixtures/configurations/recorded/09-tag-webhook.json', 'utf8'),
    ) as unknown;
    const objects = objectsIn(seen);
    expect(objects.map(({ kind }) => kind)).toEqual(expect.arrayContaining([KIND, 'Service']));
    expect(objects.flatMap((item) => keptTagOf(item.kind ?? '', item))).toEqual([]);
  });
});

/** Objects of a tag, wherever they are in what was recorded. */
function objectsIn(value: unknown): KubernetesObject[] {
  if (typeof value !== 'object' || value === null) return [];
  const { labels } = ((value as { metadata?: Metadata }).metadata ?? {}) as Partial<Metadata>;
  return labels?.['istio.io/tag'] === undefined
    ? Object.values(value).flatMap(objectsIn)
    : [value as KubernetesObject];
}

test('of this mesh: webhooks, Services and the default validator; each tag is told once, the default where it moves', () => {
  const marked = <T extends KubernetesObject>(item: T): T => ({
    ...item,
    metadata: { ...item.metadata, annotations: TRACKED },
  });
  const service = {
    metadata: {
      name: 'istiod-revision-tag-prod',
      namespace: 'istio-system',
      labels: { 'istio.io/tag': 'prod', 'istio.io/rev': OLD.revision },
    },
    spec: {},
  };
  const theirs = foreignWebhook('blue', 'istio-blue');
  const { keptTags = [] } = frameOf({
    istioNamespace: 'istio-system',
    systemDeployments: [],
    systemServices: [marked(service)],
    mutating: [
      marked(tagWebhook('prod', OLD.revision)),
      tagWebhook('free', OLD.revision),
      marked({
        ...theirs,
        metadata: { ...theirs.metadata, labels: { 'istio.io/tag': 'x', 'istio.io/rev': 'y' } },
      }),
    ],
    validating: [
      marked({ metadata: { name: 'istiod-default-validator', labels: { 'istio.io/rev': OLD.revision } } }),
    ],
    namespaces: [],
    gateways: [],
    owned: [],
  });
  expect(keptTags.map(({ object }) => object)).toEqual([
    `${KIND} istio-revision-tag-prod`,
    'Service istio-system/istiod-revision-tag-prod',
    'ValidatingWebhookConfiguration istiod-default-validator',
  ]);
  const at = (version: string, foreignInjectors: Mesh['foreignInjectors'] = []): string[] =>
    tagsKeptAt(
      {
        keptTags,
        injectors: [],
        defaultInjector: [],
        defaultValidator: OLD.revision,
        foreignInjectors,
        namespaces: [],
        workloads: [],
      },
      { from: { ...OLD, version }, to: NEW },
      OLD.revision,
    ).map(({ tag }) => tag);
  expect(at(OLD.version)).toEqual(['prod', 'default']);
  expect(at('1.11.8')).toEqual(['prod']);
  // Left over from when it was this mesh's: no upgrade moves it.
  expect(at(OLD.version, injectorsOf([tagWebhook('default', 'blue')]))).toEqual(['prod']);
});
