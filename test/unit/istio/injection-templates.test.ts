import { expect, test } from '@jest/globals';
import { missingTemplates, templatesIn } from '../../../src/istio/injection-templates.ts';
import { NEW, OLD, workload } from '../../support/mesh.ts';

const CONFIG = `
defaultTemplates: [sidecar]
template: "{{ Template_Version_And_Istio_Version_Mismatched_Check_Installation }}"
templates:
  sidecar: |
    {{ $containers := list }}
    metadata: {}
  gateway: |
    metadata: {}
aliases:
  both: [sidecar, jvm]
`;

const asks = (templates: readonly string[], changes: object = {}) =>
  workload('pay/ledger', { injectedBy: [OLD.revision], templates, ...changes });
const told = (...workloads: ReturnType<typeof asks>[]) =>
  missingTemplates(workloads, templatesIn(CONFIG)!, {
    sides: { from: OLD, to: NEW },
    isMoved: ({ namespace }) => namespace === 'pay',
    phase: 'canary',
  });

test('a template that the target lacks is told before anything is moved', () => {
  expect(told(asks(['sidecar', 'jvm']))).toMatchObject([
    {
      id: 'injection-template-missing',
      severity: 'error',
      object: 'Deployment pay/ledger',
      message: expect.stringContaining('jvm'),
      remedy: expect.stringContaining('values.sidecarInjectorWebhook.templates'),
    },
  ]);
  expect(told(asks(['jvm'], { namespace: 'shop' }))).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('Promote would be refused') },
  ]);
});

test('those that are there, and those behind an alias, are in order', () => {
  expect(told(asks(['sidecar', 'gateway', 'both']), asks([]))).toEqual([]);
});

test('what is not to be injected anew asks for nothing', () => {
  expect(told(asks(['jvm'], { accepted: true }), asks(['jvm'], { injectedBy: [] }))).toEqual([]);
});

test('a configuration without a list of templates says nothing of them', () => {
  expect(templatesIn('template: x')).toBeUndefined();
  expect(templatesIn('a: [')).toBeUndefined();
  expect(templatesIn(undefined)).toBeUndefined();
});
