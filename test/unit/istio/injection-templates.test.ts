import { expect, test } from '@jest/globals';
import { type Before, NOTHING_BEFORE } from '../../../src/istio/before.ts';
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
const KNOWN = templatesIn(CONFIG)!;
const LEDGER = new Set(['Deployment pay/ledger']);
const toldOf = (
  workloads: readonly ReturnType<typeof asks>[],
  had?: ReadonlySet<string>,
  before: Partial<Pick<Before, 'declined' | 'troubled'>> = {},
) =>
  missingTemplates(
    workloads,
    { known: KNOWN, had },
    {
      sides: { from: OLD, to: NEW },
      isMoved: ({ namespace }) => namespace === 'pay',
      stays: ({ name }) => name === 'batch',
      before: { ...NOTHING_BEFORE, ...before },
      phase: 'canary',
    },
  );
const told = (...workloads: ReturnType<typeof asks>[]) => toldOf(workloads);

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
  expect(told(asks(['jvm'], { injectedBy: [] }))).toEqual([]);
});

test('a configuration without a list of templates says nothing of them', () => {
  expect(templatesIn('template: x')).toBeUndefined();
  expect(templatesIn('a: [')).toBeUndefined();
  expect(templatesIn(undefined)).toBeUndefined();
});

test('promise 13: what is refused today already, or left alone, is not the upgrade’s doing', () => {
  const jvm = [asks(['sidecar', 'jvm'])];
  expect(toldOf(jvm, KNOWN)).toEqual([]);
  expect(toldOf(jvm, new Set(['sidecar', 'jvm']))).toMatchObject([{ severity: 'error' }]);
  expect(toldOf(jvm, undefined, { declined: LEDGER })).toEqual([]);
  expect(toldOf(jvm, undefined, { troubled: LEDGER })).toMatchObject([{ severity: 'warning' }]);
});

test('what stays is told of its next pods, and of a promote that no one refuses', () => {
  expect(told(asks(['jvm'], { name: 'batch' }))).toMatchObject([
    {
      severity: 'warning',
      message: expect.stringContaining('the next one would be refused'),
      remedy: expect.stringContaining('Nothing, if it is to make none'),
    },
  ]);
  const [later] = told(asks(['jvm'], { name: 'batch', namespace: 'shop' }));
  expect(later?.message).toContain('the next one after promote would be refused');
  expect(later?.message).not.toContain('Promote would be refused');
});
