import { describe, expect, test } from '@jest/globals';
import type { CheckView } from '../../../src/checks/check.ts';
import { gatewaysThatHold } from '../../../src/checks/gateways-that-hold.ts';
import { removalStragglers } from '../../../src/checks/removal-stragglers.ts';
import { removalObstacles } from '../../../src/istio/removal.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, installedGateway, mesh, plane, pod } from '../../support/mesh.ts';

const BOTH = [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)];
const on = (revision: string, changes: Partial<MeshSpec> = {}, accepted = true): MeshSpec => ({
  planes: BOTH,
  installedGateways: [installedGateway('istio-system/gw', revision, { accepted })],
  ...changes,
});
const REMOVES = { removal: { removeOld: true, removeOldAfterMs: 0 } };
const found = (spec: MeshSpec, changes: Partial<CheckView>) =>
  gatewaysThatHold(checkView(spec, changes)).map(
    ({ severity, id, object }) => `${severity} ${id} ${object ?? ''}`,
  );

describe('a gateway with leave to stay on the control plane that is to be removed', () => {
  test('is told before anything is touched, also where it has no pod', () => {
    expect(found(on(OLD.revision), { phase: 'promote', ...REMOVES })).toEqual([
      'error still-in-use Deployment istio-system/gw',
    ]);
    expect(found(on(OLD.revision), { phase: 'promote' })).toEqual([
      'warning still-in-use Deployment istio-system/gw',
    ]);
    // Whose removal is no input of its own.
    expect(found(on(NEW.revision), { phase: 'rollback' })).toEqual([
      'error still-in-use Deployment istio-system/gw',
    ]);
  });

  test.each<[string, MeshSpec, CheckView['phase']]>([
    ['it is on the other one, promote', on(NEW.revision), 'promote'],
    ['it is on the other one, rollback', on(OLD.revision), 'rollback'],
    ['it moves', on(NEW.revision, {}, false), 'rollback'],
    ['there is nothing to be removed', on(NEW.revision, { planes: BOTH.slice(0, 1) }), 'rollback'],
  ])('is nothing where %s', (_, spec, phase) => {
    expect(found(spec, { phase, ...REMOVES })).toEqual([]);
  });

  test('is led out of there by the proof, too: a new pod would be of the same revision again', () => {
    const pods = [pod('istio-system/gw', NEW.revision, { accepted: true })];
    const remedies = (accepted: boolean) =>
      removalObstacles(mesh(on(NEW.revision, { pods }, accepted)), NEW.revision, OLD.revision).map(
        ({ object, remedy }) => [object, remedy?.slice(0, 33)],
      );
    expect(remedies(true)).toEqual([
      ['Deployment istio-system/gw', 'Take it out of allow-stragglers ('],
      ['Pod istio-system/gw', 'Take it out of allow-stragglers ('],
    ]);
    expect(remedies(false)).toEqual([
      ['Deployment istio-system/gw', 'Run promote (or rollback) again: '],
      ['Pod istio-system/gw', 'Run promote (or rollback) again: '],
    ]);
  });

  test('is told once: its pods, too, would come back as they were', () => {
    const pods = [pod('istio-system/gw', OLD.revision, { accepted: true })];
    expect(removalStragglers(checkView(on(OLD.revision, { pods }), REMOVES))).toEqual([]);
    expect(removalStragglers(checkView(on(NEW.revision, { pods }), REMOVES))).toHaveLength(1);
  });
});
