import { describe, expect, test } from '@jest/globals';
import { apiGateways } from '../../../src/checks/api-gateways.ts';
import { gateways } from '../../../src/checks/gateways.ts';
import type { ApiGateway } from '../../../src/istio/api-gateway.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, plane, view, workload } from '../../support/mesh.ts';

const planes = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const spec = (facts: Partial<ApiGateway>, more: Partial<MeshSpec> = {}): MeshSpec => ({
  planes,
  tags: { default: OLD.revision },
  ...more,
  apiGateways: { 'edge/web': facts },
});

function found(seen: MeshSpec, changes: Parameters<typeof checkView>[1] = {}): string[] {
  return apiGateways(checkView(seen, changes)).map(({ severity, id }) => `${severity} ${id}`);
}
const byGit = (label: string): Partial<ApiGateway> => ({
  label,
  git: { tool: 'Argo CD', labels: ['istio.io/rev'] },
});

describe('who makes the workload of a Gateway', () => {
  test('nobody: its label leads nowhere', () => {
    expect(found(spec({ label: 'gone' }), { phase: 'canary' })).toEqual(['error gateway-claim-unclear']);
  });

  test('two, in turn: told with the command that ends it; promote ends it by itself', () => {
    const both = spec({ claimedBy: [NEW.revision, 'default'] });
    const [finding] = apiGateways(checkView(both, { phase: 'canary' }));
    expect(finding).toMatchObject({ id: 'gateway-claim-unclear', object: 'Gateway edge/web' });
    expect(finding?.remedy).toContain(`-n edge --overwrite istio.io/rev=${NEW.revision}`);
    expect(found(both, { phase: 'promote' })).toEqual([]);
  });

  test('one: nothing to say', () => {
    expect(found(spec({}), { phase: 'canary' })).toEqual([]);
  });
});

describe('a label that Git keeps (H18)', () => {
  const upgrade = view({ planes }).upgrade;

  test('naming the old revision: canary tells what promote refuses', () => {
    expect(found(spec(byGit(OLD.revision)), { phase: 'canary' })).toEqual([
      'warning gateway-label-kept-in-git',
    ]);
    expect(found(spec(byGit(OLD.revision)), { phase: 'promote' })).toContain(
      'error gateway-label-kept-in-git',
    );
  });

  test('naming a tag that canary moves: refused there', () => {
    const seen = spec(byGit('prod'), { tags: { default: OLD.revision, prod: OLD.revision } });
    const changes = { phase: 'canary' as const, upgrade: { ...upgrade, tags: { prod: NEW.revision } } };
    expect(found(seen, changes)).toEqual(['error gateway-label-kept-in-git']);
  });

  test('naming the target already: done', () => {
    expect(found(spec(byGit(NEW.revision)), { phase: 'promote' })).toEqual([]);
  });
});

test('H20: precheck and promote tell that the old istiod may take the configuration away; not after its fix', () => {
  expect(found(spec({}), { phase: 'promote' })).toEqual(['warning gateway-may-pause']);
  expect(found(spec({}), { phase: 'precheck' })).toEqual(['warning gateway-may-pause']);
  const later = { ...view({ planes }).upgrade, from: { ...OLD, version: '1.31.2' } };
  expect(found(spec({}), { phase: 'promote', upgrade: later })).toEqual([]);
  expect(found(spec({ label: NEW.revision }), { phase: 'promote' })).toEqual([]);
});

test('H26: a Gateway whose Deployment would lose all its pods at once is refused', () => {
  const made = { gateway: 'gateway-api' as const, ofGateway: true, servesThroughout: false };
  const seen = spec({}, { workloads: [workload('edge/web-istio', made)] });
  expect(gateways(checkView(seen, { phase: 'promote' }))).toMatchObject([
    { id: 'gateway-would-stop', severity: 'error', object: 'Deployment edge/web-istio' },
  ]);
  const moved = spec({ label: NEW.revision }, { workloads: [workload('edge/web-istio', made)] });
  expect(gateways(checkView(moved, { phase: 'promote' }))).toEqual([]);
});
