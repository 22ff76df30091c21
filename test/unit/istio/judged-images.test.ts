import { describe, expect, test } from '@jest/globals';
import { judgeImages } from '../../../src/istio/judged-images.ts';
import { parseManifest } from '../../../src/istioctl/manifest.ts';

const deployment = (name: string, ...images: readonly string[]) =>
  parseManifest(
    `---\n${JSON.stringify({
      kind: 'Deployment',
      metadata: { name, namespace: 'istio-system' },
      spec: {
        template: {
          spec: {
            containers: images.map((image, at) => ({
              name: at === 0 ? (name === 'istiod' ? 'discovery' : 'istio-proxy') : 'beside',
              image,
            })),
          },
        },
      },
    })}`,
  );
const RELEASES = { version: '1.31.0', other: '1.30.3' };
const told = (
  { pilot = 'hub/pilot:1.31.0', edge = ['hub/proxyv2:1.31.0'] }: { pilot?: string; edge?: string[] },
  text = '',
  releases: { version: string; other?: string } = RELEASES,
) =>
  judgeImages(
    {
      own: deployment('istiod', pilot),
      gateways: deployment('edge', ...edge),
      texts: [{ name: 'mesh.yaml', text }],
    },
    releases,
  ).map(
    ({ severity, object, message, remedy = '' }) => `${severity} ${object ?? ''}: ${message} => ${remedy}`,
  );

describe('in place the proxy of a gateway is of the release, as the control plane is (F01)', () => {
  test('a pinned one is told, and the patch that pins it', () => {
    const text = 'spec:\n  overlays:\n    - patches:\n        - value: hub/proxyv2:1.30.3\n';
    expect(told({ edge: ['hub/proxyv2:1.30.3'] }, text)).toEqual([
      expect.stringMatching(
        /^error Deployment istio-system\/edge: by this configuration istioctl 1\.31\.0 would install the image hub\/proxyv2:1\.30\.3, which is not of 1\.31\.0 => Take the overlay's patch with `value: hub\/proxyv2:1\.30\.3` out of mesh\.yaml \(line 4\)\. In place 1\.31\.0 and 1\.30\.3 /,
      ),
    ]);
  });

  test('of the release, injected, or an image of another container: nothing', () => {
    expect(told({})).toEqual([]);
    expect(told({ edge: ['auto'] })).toEqual([]);
    expect(told({ edge: ['hub/proxyv2:1.31.0', 'busybox:1.28.0'] })).toEqual([]);
  });

  test('one that does not tell its version is told as such', () => {
    expect(told({ edge: ['hub/proxyv2@sha256:abc'] })).toEqual([
      expect.stringMatching(/^warning Deployment istio-system\/edge: .* does not tell its version/),
    ]);
  });
});

describe('in place no tag fits both releases', () => {
  const HARDENED = { pilot: 'hub/pilot:1.30.3-hardened', edge: [] };

  test('the remedy does not lead from the one to the other, and says where a suffix goes', () => {
    const [first = ''] = told(HARDENED, 'spec:\n  tag: 1.30.3-hardened\n');
    expect(first).toMatch(/Take `tag: 1\.30\.3-hardened` out of mesh\.yaml \(line 2\)/);
    expect(first).toMatch(/values\.global\.variant: hardened\.$/);
    expect(first).not.toContain('set it to');
  });

  test('a suffix that comes of the variant is not asked for again', () => {
    const [first = ''] = told(HARDENED, 'spec:\n  tag: 1.30.3\n  values: {global: {variant: hardened}}\n');
    expect(first).toMatch(/Take `tag: 1\.30\.3` out of mesh\.yaml \(line 2\)/);
    expect(first).not.toContain('A suffix');
  });

  test('beside a control plane that stays there is one release to install', () => {
    const [first = ''] = told(HARDENED, 'spec:\n  tag: 1.30.3\n', { version: '1.31.0' });
    expect(first).toMatch(
      /Take `tag: 1\.30\.3` out of mesh\.yaml \(line 2\): .* may be set to 1\.31\.0 instead\.$/,
    );
  });

  test('there a suffix is kept, and its own setting told; that of a vendor is in the version', () => {
    const [first = ''] = told(HARDENED, 'spec:\n  tag: 1.30.3-hardened\n', { version: '1.31.0' });
    expect(first).toMatch(/values\.global\.variant: hardened\. .* set to 1\.31\.0-hardened instead\.$/);
    const solo = { pilot: 'hub/pilot:1.30.3-solo', edge: [] };
    const [other = ''] = told(solo, 'spec:\n  tag: 1.30.3-solo\n', { version: '1.31.0-solo' });
    expect(other).toMatch(/set to 1\.31\.0-solo instead\.$/);
    expect(other).not.toContain('variant');
  });
});
