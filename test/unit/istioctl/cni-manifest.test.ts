import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { readCni } from '../../../src/istioctl/cni-manifest.ts';

/** `istioctl manifest generate --revision 1-31-0` of Istio CNI in kube-system and nothing else, 1.31.0. */
const REAL = readFileSync(new URL('../../fixtures/cni/kube-system-1.31.0.yaml', import.meta.url), 'utf8');

const answered = (stdout: string, code = 0) =>
  ({ code, stdout, stderr: code === 0 ? '' : 'Error: no such profile' }) as Parameters<typeof readCni>[0];

describe('Istio CNI as istioctl renders it, to be applied whole', () => {
  test('its DaemonSet last', () => {
    const read = readCni(answered(REAL));
    const objects = read.readable ? read.objects : [];
    expect(objects.map(({ kind, metadata: { name } }) => `${kind} ${name}`)).toEqual([
      'ServiceAccount istio-cni',
      'ClusterRole istio-cni',
      'ClusterRole istio-cni-repair-role',
      'ClusterRoleBinding istio-cni',
      'ClusterRoleBinding istio-cni-repair-rolebinding',
      'ConfigMap istio-cni-config',
      'DaemonSet istio-cni-node',
    ]);
    expect(objects.at(-1)?.metadata.namespace).toBe('kube-system');
  });

  test('a configuration without it renders nothing', () => {
    expect(readCni(answered(''))).toEqual({ readable: true, objects: [] });
  });

  test.each([
    [
      'a kind that is not applied (OpenShift)',
      REAL.replace('kind: ConfigMap', 'kind: NetworkAttachmentDefinition'),
      0,
    ],
    ['no object', 'a: b', 0],
    ['a failure', '', 1],
  ])('%s: not to be applied', (_, text, code) => {
    expect(readCni(answered(text, code)).readable).toBe(false);
  });
});
