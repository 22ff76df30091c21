import { expect, test } from '@jest/globals';
import { judgePlaceholders } from '../../../src/istio/left-overs.ts';
import { parseManifest } from '../../../src/istioctl/manifest.ts';

/** What is told of a patch of istiod's Deployment, and of what it makes of the Deployment. */
const told = (patch: string, ...containers: object[]): string[] => {
  const text = `spec:\n  components:\n    pilot:\n      k8s:\n        overlays:\n          - kind: Deployment\n            name: istiod\n            patches:\n${patch.replace(/^/gm, '              ')}\n`;
  const deployment = {
    kind: 'Deployment',
    metadata: { name: 'istiod', namespace: 'istio-system' },
    spec: { template: { spec: { containers } } },
  };
  return judgePlaceholders({
    texts: [{ name: 'istio.yaml', text }],
    objects: parseManifest(JSON.stringify(deployment)),
  }).map(({ severity, object = '', message }) => `${severity} ${object}${message}`);
};
const INSTALLED = 'error Deployment istio-system/istiod';

test('in a patch that is written as a text, what the rendering shows to be installed is refused, and not told twice (F07)', () => {
  const patch = `- path: spec.template.spec.containers[1]
  value: |
    name: helper
    image: \${HUB}/helper:1
    env:
      - name: ENV
        value: \${ENV}`;
  expect(
    told(patch, {
      name: 'helper',
      image: '${HUB}/helper:1',
      env: [{ name: 'ENV', value: '${ENV}' }],
    }),
  ).toEqual([
    `${INSTALLED}\${HUB} was left to be filled in, and would be installed as it is`,
    `${INSTALLED}\${ENV} was left to be filled in, and would be installed as it is`,
  ]);
});

test('arguments of Istio’s own containers are no script (F07)', () => {
  const patch = `- path: spec.template.spec.containers[name:discovery].args[-1]
  value: --clusterID=\${CLUSTER}`;
  const args = ['discovery', '--clusterID=${CLUSTER}'];
  expect(told(patch, { name: 'discovery', args })).toEqual([
    `${INSTALLED}\${CLUSTER} was left to be filled in, and would be installed as it is`,
  ]);
  // Where somebody has put a shell before it, it may be.
  const ofShell = {
    name: 'discovery',
    command: ['sh', '-c'],
    args: ['pilot-discovery --clusterID=${CLUSTER}'],
  };
  expect(told(patch, ofShell)).toEqual([expect.stringMatching(/^warning istio\.yaml, line 10: /)]);
  expect(told(patch, { name: 'helper', args })).toEqual([
    expect.stringMatching(/^warning istio\.yaml, line 10: \$\{CLUSTER\} would be installed as written/),
  ]);
});

test('a script in the same text is told beside what is refused there (F07)', () => {
  const patch = `- path: spec.template.spec.containers[1]
  value: |
    name: helper
    image: \${HUB}/helper:1
    command: [sh, -c, "echo \${WHEN}"]`;
  const helper = { name: 'helper', image: '${HUB}/helper:1', command: ['sh', '-c', 'echo ${WHEN}'] };
  expect(told(patch, helper)).toEqual([
    `${INSTALLED}\${HUB} was left to be filled in, and would be installed as it is`,
    expect.stringMatching(/^warning istio\.yaml, line 10: \$\{WHEN\} would be installed as written/),
  ]);
});
