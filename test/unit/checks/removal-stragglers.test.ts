import { expect, test } from '@jest/globals';
import { removalStragglers } from '../../../src/checks/removal-stragglers.ts';
import { checkView } from '../../support/check-view.ts';
import { type MeshSpec, NEW, OLD, pod } from '../../support/mesh.ts';

const spec: MeshSpec = {
  planes: [],
  pods: [
    pod('a/stays', OLD.revision, { accepted: true }),
    pod('a/goes', OLD.revision, { accepted: true, terminating: true }),
    pod('a/moved', NEW.revision, { accepted: true }),
    pod('a/waited-for', OLD.revision),
  ],
};

test('a pod that may stay behind holds the removal of what it is on', () => {
  const told = removalStragglers(checkView(spec, { removal: { removeOld: true, removeOldAfterMs: 0 } }));
  expect(told).toMatchObject([{ id: 'straggler-holds-removal', severity: 'error', object: 'Pod a/stays' }]);
  // Who approves the removal after a promote reads it there.
  expect(removalStragglers(checkView(spec))).toMatchObject([
    { id: 'straggler-holds-removal', severity: 'warning', object: 'Pod a/stays' },
  ]);
});

test('what names the old istiod by itself holds its removal, also scaled to zero', () => {
  const service = `istiod-${OLD.revision}`;
  const named: MeshSpec = {
    planes: [],
    byHand: [
      { kind: 'Deployment', namespace: 'a', name: 'legacy', service },
      { kind: 'CronJob', namespace: 'a', name: 'nightly', service: `istiod-${NEW.revision}` },
    ],
    mutators: [
      { configuration: 'of-a-team', service },
      { configuration: 'of-another', service: 'their-own' },
    ],
  };
  const asked = { removal: { removeOld: true, removeOldAfterMs: 0 } };
  const told = removalStragglers(checkView(named, asked)).map(({ id, object }) => [id, object]);
  expect(told).toEqual([
    ['still-in-use', 'Deployment a/legacy'],
    ['still-in-use', 'MutatingWebhookConfiguration of-a-team'],
  ]);
  expect(removalStragglers(checkView(named)).map(({ severity }) => severity)).toEqual(['warning', 'warning']);
});

test('who gets certificates from the old istiod holds its removal, though its proxy is of the target', () => {
  const spec: MeshSpec = {
    planes: [],
    pods: [pod('a/signed', NEW.revision, { asks: [`istiod-${OLD.revision}`] })],
  };
  const removes = { removal: { removeOld: true, removeOldAfterMs: 0 } };
  expect(removalStragglers(checkView(spec, removes))).toMatchObject([
    { id: 'still-in-use', severity: 'error', object: 'Pod a/signed' },
  ]);
  expect(removalStragglers(checkView(spec))).toMatchObject([{ id: 'still-in-use', severity: 'warning' }]);
});
