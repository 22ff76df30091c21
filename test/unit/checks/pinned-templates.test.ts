import { expect, test } from '@jest/globals';
import { pinnedTemplates } from '../../../src/checks/pinned-templates.ts';
import type { CheckView } from '../../../src/checks/check.ts';
import { checkView } from '../../support/check-view.ts';
import { OLD, plane, workload } from '../../support/mesh.ts';

const pinned = workload('edge/ingress', { injectedBy: [OLD.revision], pinnedRevision: OLD.revision });
const asked = { allowDowngrade: false, acknowledge: [], cni: 'leave', waitForOwnersMs: 60_000 } as const;

test.each<[string, Partial<CheckView>, string, RegExp]>([
  ['canary leaves it, and says when to change it', { phase: 'canary' }, 'warning', /^Once canary has/],
  ['promote begins only once it is changed', { phase: 'promote' }, 'error', /^Change the label/],
  ['or may wait for that', { phase: 'promote', asked }, 'warning', /^Change the label/],
])('a template that chooses the old revision itself: %s', (_, changes, severity, remedy) => {
  const view = checkView({ planes: [plane(OLD.revision, OLD.version)], workloads: [pinned] }, changes);
  const findings = pinnedTemplates(view);
  expect(findings).toMatchObject([{ id: 'template-pins-revision', severity }]);
  expect(findings[0]?.remedy).toMatch(remedy);
});
