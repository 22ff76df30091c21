import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { NOTHING_RENDERED, type Rendered } from '../../../src/engine/rendered.ts';
import type { Session } from '../../../src/engine/session.ts';
import { installedFirst, weighMove } from '../../../src/engine/weigh-move.ts';
import { NEW, OLD, plane, view, workload } from '../../support/mesh.ts';

const templates = (...names: readonly string[]) => ({
  config: stringify({ templates: Object.fromEntries(names.map((name) => [name, ''])) }),
});
const injector = (revision: string) => `istio-sidecar-injector-${revision}`;

/** What precheck tells of a workload that asks for `jvm`, which the target has, or would have, or not. */
async function told(has: readonly string[], coming: Rendered): Promise<string[]> {
  const live: Readonly<Record<string, object>> = {
    [injector(OLD.revision)]: templates('sidecar', 'jvm'),
    [injector(NEW.revision)]: templates(...has),
  };
  const reader: Partial<Cluster> = {
    served: () => Promise.resolve(new Map()),
    get: ((_kind: string, name: string) =>
      Promise.resolve({ data: live[name] })) as unknown as Cluster['get'],
  };
  const inputs = {
    phase: 'precheck',
    istioNamespace: 'istio-system',
    acknowledge: [],
    stableTags: [],
    adoptTags: false,
  };
  const seen = view({
    planes: [plane(OLD.revision, OLD.version), plane(NEW.revision, NEW.version)],
    namespaces: { pay: { 'istio.io/rev': OLD.revision } },
    workloads: [workload('pay/x', { injectedBy: [OLD.revision], templates: ['jvm'] })],
  });
  const findings = await weighMove({ reader, inputs } as unknown as Session, seen, coming);
  return findings.map(({ remedy = '' }) => remedy);
}

const renders = (...names: readonly string[]): Rendered => ({
  ...NOTHING_RENDERED,
  yaml: stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: injector(NEW.revision) },
    data: templates(...names),
  }),
});

test('precheck speaks for a promote that is under way by the target that is there, and sends where that one does', async () => {
  const promoting = (coming: Rendered) => installedFirst('promoting', coming);
  expect(await told(['sidecar', 'jvm'], promoting(renders('sidecar')))).toEqual([]);
  expect(await told(['sidecar'], promoting(renders('sidecar', 'jvm')))).toEqual([
    expect.stringContaining('run rollback, then canary'),
  ]);
});

test('before that, and once a rollback is under way, by what canary would install', async () => {
  for (const state of [undefined, 'none', 'canary', 'promoted', 'rolling-back'] as const) {
    const coming = (...names: readonly string[]) => installedFirst(state, renders(...names));
    expect(await told(['sidecar', 'jvm'], coming('sidecar'))).toEqual([
      expect.stringContaining('Give precheck and canary config'),
    ]);
    expect(await told(['sidecar'], coming('sidecar', 'jvm'))).toEqual([]);
  }
});
