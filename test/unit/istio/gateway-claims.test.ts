import { describe, expect, test } from '@jest/globals';
import { claimants } from '../../../src/istio/gateway-claims.ts';
import { NEW, OLD, type MeshSpec, mesh, plane } from '../../support/mesh.ts';

const both = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const claimed = (spec: Partial<MeshSpec>, label?: string | null): string[] =>
  claimants(mesh({ planes: both, ...spec }), 'edge', label);

/** What the real istiods did on the testbed (their `TagWatcher.IsMine`). */
describe('which istiods make the workload of a Gateway', () => {
  test('its own label goes before that of its namespace', () => {
    const namespaces = { edge: { 'istio.io/rev': NEW.revision } };
    expect(claimed({ namespaces }, OLD.revision)).toEqual([OLD.revision]);
    expect(claimed({ namespaces })).toEqual([NEW.revision]);
    expect(claimed({ namespaces }, null)).toEqual([NEW.revision]);
  });

  test('a label may name a tag, by its webhook or by its Service', () => {
    const tags = { prod: OLD.revision };
    expect(claimed({ tags }, 'prod')).toEqual([OLD.revision]);
    expect(claimed({ tags, tagServices: { prod: NEW.revision } }, 'prod')).toEqual([
      OLD.revision,
      NEW.revision,
    ]);
  });

  test('without a label it follows the default tag, and istio-injection says nothing', () => {
    const namespaces = { edge: { 'istio-injection': 'enabled' } };
    expect(claimed({ namespaces, tags: { default: OLD.revision } })).toEqual([OLD.revision]);
    expect(claimed({ namespaces, tags: { default: NEW.revision } })).toEqual([NEW.revision]);
  });

  test('without a default tag the default validator tells', () => {
    expect(claimed({ defaultValidator: NEW.revision })).toEqual([NEW.revision]);
    expect(claimed({ defaultValidator: NEW.revision, tags: { default: OLD.revision } })).toEqual([
      OLD.revision,
    ]);
  });

  test('a label that leads nowhere is nobody’s', () => {
    expect(claimed({ tags: { default: OLD.revision } }, 'gone')).toEqual([]);
  });

  test('H19: an istiod without a revision holds on to what follows the default: two fight once the tag has moved', () => {
    const planes = [plane('default', OLD.version), plane(NEW.revision, NEW.version)];
    const before = mesh({ planes, defaultValidator: 'default' });
    expect(claimants(before, 'edge', undefined)).toEqual(['default']);
    const moved = mesh({ planes, tags: { default: NEW.revision }, defaultValidator: NEW.revision });
    expect(claimants(moved, 'edge', undefined)).toEqual([NEW.revision, 'default']);
    expect(claimants(moved, 'edge', 'default')).toEqual([NEW.revision, 'default']);
    expect(claimants(moved, 'edge', NEW.revision)).toEqual([NEW.revision]);
  });
});
