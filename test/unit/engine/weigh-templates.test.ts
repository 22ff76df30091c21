import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { NOTHING_RENDERED } from '../../../src/engine/rendered.ts';
import type { Session } from '../../../src/engine/session.ts';
import { targetConfigMaps } from '../../../src/engine/target-config-map.ts';
import { weighTemplates } from '../../../src/engine/weigh-templates.ts';
import type { PodMaker } from '../../../src/istio/mesh.ts';
import type { Phase } from '../../../src/outcome.ts';
import { NEW, OLD, plane, view, workload } from '../../support/mesh.ts';

const asking = (kind: string, namespace: string, changes: Partial<PodMaker> = {}): PodMaker => ({
  kind,
  namespace,
  name: 'x',
  injectedBy: [OLD.revision],
  pinnedRevision: undefined,
  templates: ['sidecar', 'jvm'],
  accepted: false,
  ...changes,
});

async function told(
  phase: Phase,
  makers: readonly PodMaker[],
  workloads: Parameters<typeof view>[0]['workloads'] = [],
): Promise<(string | undefined)[][]> {
  const had: Readonly<Record<string, object>> = {
    [OLD.revision]: { sidecar: '', jvm: '' },
    [NEW.revision]: { sidecar: '' },
  };
  const reader: Partial<Cluster> = {
    get: ((_kind: string, name: string) =>
      Promise.resolve({
        data: { config: stringify({ templates: had[name.replace('istio-sidecar-injector-', '')] }) },
      })) as unknown as Cluster['get'],
  };
  const session = { reader, inputs: { phase, istioNamespace: 'istio-system' } } as unknown as Session;
  const namespaces = { pay: { 'istio.io/rev': OLD.revision } };
  const seen = view({ planes: [plane(OLD.revision, OLD.version)], namespaces, makers, workloads });
  const findings = await weighTemplates(session, seen, targetConfigMaps(session, NOTHING_RENDERED), phase);
  return findings.map(({ severity, object }) => [severity, object]);
}

test('promise 14: what makes pods later asks the target for its templates, too', async () => {
  const makers = [asking('CronJob', 'pay'), asking('Rollout', 'shop')];
  expect(await told('canary', makers)).toEqual([
    ['error', 'CronJob pay/x'],
    ['warning', 'Rollout shop/x'],
  ]);
  expect(await told('promote', makers)).toEqual([
    ['error', 'CronJob pay/x'],
    ['error', 'Rollout shop/x'],
  ]);
});

test('promise 14: what stays as it is is told that its next pods would be refused, and stops nothing', async () => {
  const job = asking('Job', 'pay');
  const ledger = { injectedBy: [OLD.revision], templates: ['jvm'], accepted: true };
  for (const phase of ['precheck', 'canary', 'promote'] as const)
    expect(await told(phase, [job], [workload('pay/y', ledger)])).toEqual([
      ['warning', 'Deployment pay/y'],
      ['warning', 'Job pay/x'],
    ]);
  // Pods of a Rollout stay only by leave, and it makes more of them.
  expect(await told('promote', [asking('Rollout', 'pay', { accepted: true })])).toEqual([
    ['error', 'Rollout pay/x'],
  ]);
});

test('what stays and names the old revision itself makes no pods for the target', async () => {
  const pinned = { injectedBy: [OLD.revision], pinnedRevision: OLD.revision };
  const stays = workload('pay/y', { ...pinned, templates: ['jvm'], accepted: true });
  expect(await told('promote', [asking('Job', 'pay', pinned)], [stays])).toEqual([]);
  // A tag takes its next pods along.
  expect(await told('promote', [asking('Job', 'pay', { ...pinned, pinnedRevision: 'prod' })])).toEqual([
    ['warning', 'Job pay/x'],
  ]);
});
