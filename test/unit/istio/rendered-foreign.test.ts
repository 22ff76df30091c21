import { expect, test } from '@jest/globals';
import { notOwn, notOwnFinding } from '../../../src/istio/rendered-foreign.ts';
import type { RenderedObject } from '../../../src/istioctl/manifest.ts';
import { parseManifest } from '../../../src/istioctl/manifest.ts';

const istioNamespace = 'istio-system';

function told(revision: string, labels: Readonly<Record<string, string>>, name: string): string[] {
  const metadata = { name, namespace: istioNamespace, labels: { 'istio.io/rev': revision, ...labels } };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
  const objects: readonly RenderedObject[] = parseManifest(`---\n${JSON.stringify(object)}\n`);
  const owner = { revision, istioNamespace };
  return notOwn(objects, owner)
    .map((item) => notOwnFinding(item, owner))
    .map(({ severity, id }) => `${severity} ${id}`);
}

const PILOT = { 'operator.istio.io/component': 'Pilot' };

test('what a newer release has more is told in place, and refused beside another control plane', () => {
  expect(told('default', PILOT, 'istio-something-new')).toEqual(['warning configuration-renders-unknown']);
  expect(told('1-31-0', PILOT, 'istio-something-new')).toEqual(['error configuration-renders-foreign']);
});

test('what is known is told in neither', () => {
  expect(told('default', PILOT, 'istio-sidecar-injector')).toEqual([]);
  expect(told('1-31-0', PILOT, 'istio-sidecar-injector-1-31-0')).toEqual([]);
});

test('a component or a tag that is switched on is refused in place, too', () => {
  expect(told('default', { 'operator.istio.io/component': 'Other' }, 'other')).toEqual([
    'error configuration-renders-foreign',
  ]);
  expect(told('default', { ...PILOT, 'istio.io/tag': 'prod' }, 'istio-revision-tag-prod')).toEqual([
    'error configuration-renders-foreign',
  ]);
});

test('what an upgrade in place would bring anew leads to no input of the other strategy', () => {
  const remedy = (revision: string, component: string): string | undefined => {
    const metadata = {
      name: 'x',
      namespace: 'istio-system',
      labels: { 'operator.istio.io/component': component },
    };
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata };
    const [item] = parseManifest(`---\n${JSON.stringify(object)}\n`);
    return item && notOwnFinding(item, { revision, istioNamespace: 'istio-system' }).remedy;
  };
  for (const component of ['IngressGateways', 'Cni']) {
    expect(remedy('default', component)).not.toContain('with-install');
    expect(remedy('1-31-0', component)).toContain('with-install');
  }
});
