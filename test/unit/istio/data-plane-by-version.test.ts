import { describe, expect, test } from '@jest/globals';
import type { Pod } from '../../../src/cluster/objects.ts';
import { imageVersion, injectedRevision, proxyContainer, revisionOfProxy } from '../../../src/istio/proxy.ts';

/**
 * How a pod tells of its proxy, as the injector of each version wrote it: the revision in a label, then in the status, then
 * in an annotation, too; the container among the pod's own ones, or among those that begin first.
 */
interface Written {
  readonly label?: string;
  readonly annotation?: string;
  readonly status?: object;
  readonly native?: boolean;
}

const LISTS = {
  initContainers: ['istio-init'],
  containers: ['istio-proxy'],
  volumes: [],
  imagePullSecrets: null,
};

const BY_VERSION: readonly (readonly [version: string, written: Written])[] = [
  ['1.6.14', { label: 'canary', status: { version: 'abc', ...LISTS } }],
  ['1.8.6', { label: 'canary', status: { version: 'abc', ...LISTS } }],
  ['1.10.6', { label: 'canary', status: LISTS }],
  ['1.11.8', { label: 'canary', status: { ...LISTS, revision: 'canary' } }],
  // A label of the pod's own is left as it is, and may be a tag.
  ['1.17.8', { label: 'prod', status: { ...LISTS, revision: 'canary' } }],
  ['1.18.7', { annotation: 'canary', status: { ...LISTS, revision: 'canary' } }],
  ['1.20.8', { label: 'prod', annotation: 'canary', status: { ...LISTS, revision: 'canary' } }],
  ['1.27.9', { annotation: 'canary', status: { ...LISTS, revision: 'canary' }, native: true }],
  ['1.31.0', { annotation: 'canary', status: { ...LISTS, revision: 'canary' }, native: true }],
];

function podOf(version: string, { label, annotation, status, native = false }: Written): Pod {
  const proxy = { name: 'istio-proxy', image: `docker.io/istio/proxyv2:${version}` };
  const app = { name: 'app', image: 'app:1' };
  const pod = {
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      labels: label === undefined ? {} : { 'istio.io/rev': label },
      annotations: {
        ...(annotation === undefined ? {} : { 'istio.io/rev': annotation }),
        ...(status === undefined ? {} : { 'sidecar.istio.io/status': JSON.stringify(status) }),
      },
    },
    spec: native ? { initContainers: [proxy], containers: [app] } : { containers: [app, proxy] },
  };
  return pod;
}

describe('a pod that the injector made', () => {
  test.each(BY_VERSION)('of %s tells its revision and its proxy', (version, written) => {
    const pod = podOf(version, written);
    expect(injectedRevision(pod)).toBe('canary');
    expect(imageVersion(proxyContainer(pod.spec)?.image)).toBe(version);
  });

  test('of 1.5 tells its proxy, and no revision: there was but one control plane', () => {
    const pod = podOf('1.5.10', { status: { version: 'abc', ...LISTS } });
    const of = (one: Pod): string | undefined => revisionOfProxy(one, proxyContainer(one.spec)!);
    expect(of(pod)).toBe('default');
    // Whoever writes the annotation by himself is not taken for one of the mesh's.
    expect(of(podOf('1.6.14', { status: { version: 'abc', ...LISTS } }))).toBeUndefined();
    expect(of(podOf('1.5.10', {}))).toBeUndefined();
    expect(imageVersion(proxyContainer(pod.spec)?.image)).toBe('1.5.10');
  });
});
