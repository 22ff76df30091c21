import { expect, test } from '@jest/globals';
import { pinnedImages } from '../../../src/checks/pinned-images.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import { NEW, OLD, plane, pod, view, workload } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const keeping = (version: string) => `docker.io/istio/proxyv2:${version}-distroless`;

/** @returns severity of what is said of a workload that keeps an image, if anything */
function said(
  phase: CheckView['phase'],
  image: string,
  { inPlace = false, ...changes }: Parameters<typeof workload>[1] & { readonly inPlace?: boolean } = {},
): string[] {
  const sides = inPlace
    ? { from: { ...OLD, revision: 'default' }, to: { ...NEW, revision: 'default' } }
    : { from: OLD, to: NEW };
  const { revision, version } = phase === 'rollback' ? sides.to : sides.from;
  const seen = view({
    planes,
    workloads: [workload('a/web', { injectedBy: [revision], proxyImage: image, ...changes })],
    pods: [pod('a/web-1', revision, { version })],
  });
  const upgrade = { ...seen.upgrade, ...sides, scope: { namespaces: ['b'], tags: [] } };
  return pinnedImages({ ...seen, phase, upgrade }).map(
    ({ severity, object = '' }) => `${severity} ${object}`,
  );
}

test('in place a template that keeps the image of its proxy would not be moved at all', () => {
  const inPlace = true;
  expect(said('precheck', keeping(OLD.version), { inPlace })).toEqual(['error Deployment a/web']);
  expect(said('promote', keeping(OLD.version), { inPlace })).toEqual(['error Deployment a/web']);
  // Outside of the canary's namespaces.
  expect(said('canary', keeping(OLD.version), { inPlace })).toEqual(['warning Deployment a/web']);
  expect(said('rollback', keeping(NEW.version), { inPlace })).toEqual(['error Deployment a/web']);
  expect(said('rollback', keeping(OLD.version), { inPlace })).toEqual([]);
});

test('beside a control plane that stays its revision moves: it is told', () => {
  for (const phase of ['precheck', 'canary', 'promote'] as const)
    expect(said(phase, keeping(OLD.version))).toEqual(['warning Deployment a/web']);
  expect(said('rollback', keeping(NEW.version))).toEqual(['warning Deployment a/web']);
});

test('one of the right release, one by digest, one that may stay, and one of another mesh are not told', () => {
  expect(said('promote', keeping(NEW.version))).toEqual([]);
  expect(said('promote', `docker.io/istio/proxyv2@sha256:${'a'.repeat(64)}`, { inPlace: true })).toEqual([]);
  expect(said('promote', keeping(OLD.version), { accepted: true })).toEqual([]);
  expect(said('promote', keeping(OLD.version), { injectedBy: ['elsewhere'] })).toEqual([]);
});

test('leave to stay gets a rollback in place on only where the proxy would be the older one', () => {
  const remedy = (from: string, to: string): string => {
    const sides = { from: { revision: 'default', version: from }, to: { revision: 'default', version: to } };
    const seen = view({
      planes: [plane('default', to)],
      workloads: [workload('a/web', { injectedBy: ['default'], proxyImage: keeping(to) })],
      pods: [pod('a/web-1', 'default', { version: to })],
    });
    const upgrade = { ...seen.upgrade, ...sides };
    return pinnedImages({ ...seen, phase: 'rollback', upgrade } as unknown as CheckView)[0]?.remedy ?? '';
  };
  expect(remedy('1.30.3', '1.31.0')).toBe('Take the annotation away from the template of Deployment a/web.');
  expect(remedy('1.31.0', '1.30.3')).toContain('allow-stragglers: a/web');
});
