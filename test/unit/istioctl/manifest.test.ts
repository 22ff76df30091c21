import { describe, expect, test } from '@jest/globals';
import { sharedComponents } from '../../../src/istio/rendered-foreign.ts';
import { parseManifest } from '../../../src/istioctl/manifest.ts';
import { recording } from './recording.ts';

const rendered = (profile: string) =>
  parseManifest(recording('1.31.0', `manifest-generate-${profile}`).stdout);
const names = (objects: readonly { kind: string; name: string }[]) =>
  objects.map(({ kind, name }) => `${kind}/${name}`);

describe('a rendered manifest', () => {
  test('is read, without its CRDs', () => {
    const objects = rendered('default');
    expect(objects.map(({ kind }) => kind)).not.toContain('CustomResourceDefinition');
    expect(objects).toContainEqual({
      kind: 'Deployment',
      name: 'istiod-canary',
      namespace: 'istio-system',
      component: 'Pilot',
      revision: 'canary',
      tag: undefined,
      images: [expect.stringMatching(/pilot/)],
      serves: [],
      placeholders: [],
      content: expect.stringMatching(/^[0-9a-f]{16} discovery: image$/m),
    });
    expect(objects).toHaveLength(24);
  });

  test('of the default profile has the shared gateway in it (H22)', () => {
    const shared = sharedComponents(rendered('default'));
    expect(names(shared)).toContain('Deployment/istio-ingressgateway');
    expect(new Set(shared.map(({ component }) => component))).toEqual(new Set(['IngressGateways']));
  });

  test('of the ambient profile has CNI and ztunnel in it, though ztunnel has no label (H54)', () => {
    const shared = names(sharedComponents(rendered('ambient')));
    expect(shared).toContain('DaemonSet/istio-cni-node');
    expect(shared).toContain('DaemonSet/ztunnel');
  });

  test('of istiod alone has nothing that is shared', () => {
    const pilot = rendered('default').filter(({ component }) => component !== 'IngressGateways');
    expect(names(pilot)).toContain('Deployment/istiod-canary');
    expect(sharedComponents(pilot)).toEqual([]);
  });

  test('of nothing, of no objects and of no YAML is refused', () => {
    expect(() => parseManifest('')).toThrow(/nothing/);
    expect(() => parseManifest('\n---\n')).toThrow(/nothing/);
    expect(() => parseManifest('a: b')).toThrow(/no object/);
    expect(() => parseManifest('a: [')).toThrow(/no YAML/);
    expect(() => parseManifest('just words')).toThrow(/no object/);
  });

  test('of what was left to be filled in has what nothing on the cluster fills in', () => {
    const left = (object: object) =>
      parseManifest(JSON.stringify({ metadata: { name: 'x' }, ...object }))[0]?.placeholders;
    const container = {
      name: 'x',
      image: 'x',
      env: [{ name: 'A', value: '${A}' }],
      command: ['sh', '-c', 'echo ${B}'],
    };
    const annotations = { template: '{{ with secret "x" }}', host: '${HOST}' };
    const template = { metadata: { annotations }, spec: { containers: [container] } };
    expect(left({ kind: 'Deployment', spec: { template } })).toEqual(['${HOST}', '${A}']);
    const mesh = 'trustDomain: ${DOMAIN}\nca: |\n  {{ with secret "x" }}\n  {{ end }}\n';
    expect(left({ kind: 'ConfigMap', data: { mesh, config: '{{ .Values }}' } })).toEqual(['${DOMAIN}']);
  });
});
