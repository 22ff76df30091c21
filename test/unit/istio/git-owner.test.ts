import { describe, expect, test } from '@jest/globals';
import { gitOwnerOf, gitToolOf } from '../../../src/istio/git-owner.ts';

const INJECTED = { 'istio-injection': 'enabled' };
const name = 'shop';

/** What the API server keeps of who set a label. */
function fieldsOf(...labels: readonly string[]) {
  return { 'f:metadata': { 'f:labels': Object.fromEntries(labels.map((label) => [`f:${label}`, {}])) } };
}

describe('M28: who keeps the labels of a namespace from Git', () => {
  test.each([
    [
      'Argo CD, by its label of version 2',
      { labels: { ...INJECTED, 'app.kubernetes.io/instance': 'shop' } },
      'Argo CD',
    ],
    [
      'Argo CD, by a label of its own',
      { labels: { ...INJECTED, 'argocd.argoproj.io/instance': 'shop' } },
      'Argo CD',
    ],
    [
      'Argo CD, by annotation',
      { labels: INJECTED, annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/Namespace:shop' } },
      'Argo CD',
    ],
    ['Flux, a Kustomization', { labels: { ...INJECTED, 'kustomize.toolkit.fluxcd.io/name': 'x' } }, 'Flux'],
    ['Flux, a HelmRelease', { labels: { ...INJECTED, 'helm.toolkit.fluxcd.io/name': 'x' } }, 'Flux'],
  ])('%s', (_, metadata, tool) => {
    expect(gitOwnerOf({ name, ...metadata })).toEqual({ tool, labels: ['istio-injection'] });
  });

  test.each([
    ['argocd-controller', 'Argo CD'],
    ['argocd-application-controller', 'Argo CD'],
    ['kustomize-controller', 'Flux'],
    ['helm-controller', 'Flux'],
  ])('the manager %s, and only of the labels that it set', (manager, tool) => {
    const labels = { 'istio-injection': 'enabled', 'istio.io/rev': 'x', team: 'blue' };
    const managedFields = [
      { manager: 'kubectl-label', fieldsV1: fieldsOf('istio.io/rev') },
      { manager, fieldsV1: fieldsOf('istio-injection', 'team') },
    ];
    expect(gitOwnerOf({ name, labels, managedFields })).toEqual({ tool, labels: ['istio-injection'] });
  });

  test('a tool that set other fields alone keeps none of them, whatever its mark says', () => {
    expect(
      gitOwnerOf({
        name,
        labels: { ...INJECTED, 'app.kubernetes.io/instance': 'shop' },
        managedFields: [
          { manager: 'argocd-controller', fieldsV1: fieldsOf('team') },
          { manager: 'kubectl-label', fieldsV1: fieldsOf('istio-injection') },
        ],
      }),
    ).toBeUndefined();
  });

  test.each([
    [
      'people alone',
      { labels: INJECTED, managedFields: [{ manager: 'kubectl', fieldsV1: fieldsOf('istio-injection') }] },
    ],
    [
      'Helm, which uses the same label',
      {
        labels: { ...INJECTED, 'app.kubernetes.io/instance': 'shop', 'app.kubernetes.io/managed-by': 'Helm' },
      },
    ],
    [
      'a namespace without a label by which it chooses',
      { labels: { 'argocd.argoproj.io/instance': 'shop' } },
    ],
    ['nothing', {}],
    [
      'fields of no form that is known',
      { labels: INJECTED, managedFields: [{ manager: 'argocd-controller', fieldsV1: 'x' }, {}] },
    ],
  ])('nobody: %s', (_, metadata) => {
    expect(gitOwnerOf({ name, ...metadata })).toBeUndefined();
  });

  test("istioctl's own objects are nobody's from Git", () => {
    expect(
      gitToolOf({
        name,
        labels: { 'app.kubernetes.io/instance': 'istio', 'operator.istio.io/managed': 'Reconcile' },
      }),
    ).toBeUndefined();
  });
});
