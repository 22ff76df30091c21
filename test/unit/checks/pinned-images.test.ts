import { expect, test } from '@jest/globals';
import { pinnedImages } from '../../../src/checks/pinned-images.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import { NEW, OLD, plane, pod, view, workload } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const keeping = (version: string) => `docker.io/istio/proxyv2:${version}-distroless`;

/** @returns severity of what is said of a workload that keeps an image, if anything */
function said(
  phase: CheckView['phase'],
  version: string,
  changes: Parameters<typeof workload>[1] = {},
): string[] {
  const on = phase === 'rollback' ? NEW.revision : OLD.revision;
  const seen = view({
    planes,
    workloads: [workload('a/web', { injectedBy: [on], proxyImage: keeping(version), ...changes })],
    pods: [pod('a/web-1', on)],
  });
  const scope = { namespaces: ['b'], tags: [] };
  const asked = { ...seen, phase, upgrade: { ...seen.upgrade, scope } } as unknown as CheckView;
  return pinnedImages(asked).map(({ severity, object = '' }) => `${severity} ${object}`);
}

test('a template that keeps the image of its proxy is moved by half', () => {
  expect(said('precheck', OLD.version)).toEqual(['error Deployment a/web']);
  expect(said('promote', OLD.version)).toEqual(['error Deployment a/web']);
  // Outside of the canary's namespaces.
  expect(said('canary', OLD.version)).toEqual(['warning Deployment a/web']);
});

test('on the way back, too, where it is on the target', () => {
  expect(said('rollback', NEW.version)).toEqual(['error Deployment a/web']);
  expect(said('rollback', OLD.version)).toEqual([]);
});

test('one of the right release, one that may stay, and one of another mesh are not told', () => {
  expect(said('promote', NEW.version)).toEqual([]);
  expect(said('promote', OLD.version, { accepted: true })).toEqual([]);
  expect(said('promote', OLD.version, { injectedBy: ['elsewhere'] })).toEqual([]);
});
