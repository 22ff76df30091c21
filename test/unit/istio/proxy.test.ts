import { describe, expect, test } from '@jest/globals';
import { versionOfPlane } from '../../../src/istio/plane-version.ts';
import { imageTag, imageVersion } from '../../../src/istio/proxy.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe("an image's version", () => {
  test.each([
    ['docker.io/istio/proxyv2:1.30.3', '1.30.3'],
    ['docker.io/istio/pilot:1.30.3-distroless', '1.30.3'],
    ['docker.io/istio/pilot:1.30.3-debug', '1.30.3'],
    ['docker.io/istio/pilot:v1.30.3', '1.30.3'],
    ['localhost:5000/pilot:1.30.3', '1.30.3'],
    ['registry.example.com:5000/mirror/istio/pilot:1.30.3-solo', '1.30.3'],
    ['us-docker.pkg.dev/gloo-mesh/istio/pilot:1.30.3-solo-fips-distroless', '1.30.3'],
    ['gcr.io/gke-release/asm/pilot:1.30.3-asm.4', '1.30.3'],
    ['containers.istio.tetratelabs.com/pilot:1.30.3-tetratefips-v0', '1.30.3'],
    [`docker.io/istio/pilot:1.30.3@${DIGEST}`, '1.30.3'],
    ['docker.io/istio/pilot:1.31.0-rc.1', '1.31.0-rc.1'],
    ['docker.io/istio/pilot:1.31.0-alpha.0-distroless', '1.31.0-alpha.0'],
  ])('of %s is %s', (image, version) => {
    expect(imageVersion(image)).toBe(version);
  });

  test.each([
    `docker.io/istio/pilot@${DIGEST}`,
    'localhost:5000/pilot',
    'docker.io/istio/pilot:latest',
    'gcr.io/istio-testing/pilot:1.16-dev',
    'registry.example.com/pilot:2026-11-28',
    '',
    undefined,
  ])('of %s is not told', (image) => {
    expect(imageVersion(image)).toBeUndefined();
  });

  test('the port of a registry is no tag', () => {
    expect(imageTag('localhost:5000/pilot')).toBeUndefined();
    expect(imageTag('localhost:5000/pilot:x')).toBe('x');
  });
});

describe('the version of a control plane', () => {
  const image = `registry.example.com/pilot@${DIGEST}`;

  test('is what the image says, whatever else is said', () => {
    const sources = { image: 'istio/pilot:1.30.3-solo', label: '1.29.0', istiod: '1.28.0' };
    expect(versionOfPlane(sources)).toEqual({ version: '1.30.3', source: 'image' });
  });

  test('else the label, else istiod, else its proxies (F05)', () => {
    expect(versionOfPlane({ image, label: '1.30.3', istiod: '1.29.0' })).toEqual({
      version: '1.30.3',
      source: 'label',
    });
    expect(versionOfPlane({ image, label: 'unknown', istiod: '1.30.3-asm.4' })).toEqual({
      version: '1.30.3',
      source: 'istiod',
    });
    expect(versionOfPlane({ image, proxies: ['1.30.3-solo', '1.30.3'] })).toEqual({
      version: '1.30.3',
      source: 'proxies',
    });
  });

  test('is not guessed from proxies that differ, nor from nothing', () => {
    expect(versionOfPlane({ image, proxies: ['1.30.3', '1.31.0'] })).toBeUndefined();
    expect(versionOfPlane({ image, istiod: '1.16-dev', proxies: ['1.16-dev'] })).toBeUndefined();
    expect(versionOfPlane({})).toBeUndefined();
  });
});
