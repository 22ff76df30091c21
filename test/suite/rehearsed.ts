import type { ClusterObject } from '../support/normalise.ts';

/** What such a pod would get, a pod gets that is born now in that namespace. */
export function newborn(namespace: string): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'newborn', namespace },
    spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
  };
}

/** One that Istio's validation takes, and one that it denies. */
export const VIRTUAL_SERVICES = {
  right: virtualService('right', [{ route: [{ destination: { host: 'a' } }] }]),
  wrong: virtualService('wrong', [{}]),
};

function virtualService(name: string, http: readonly object[]): ClusterObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name, namespace: 'outside' },
    spec: { hosts: ['a'], http },
  };
}
