import { expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Embedded } from '../../embedded/start.ts';
import { runAction } from '../../scripts/run-action.ts';
import { shop } from '../../testbed/shop.ts';
import { COMPILED } from './clusters/embedded.ts';
import { changingCalls } from '../unit/istioctl/played-calls.ts';

export const minorOf = (version: string): number => Number(version.split('.')[1]);

/** The newest minor release of Kubernetes that an older Istio, by its minor release, was tested with. */
const OF_ITS_TIME: Readonly<Record<number, number>> = {
  5: 16,
  6: 18,
  7: 18,
  8: 19,
  9: 20,
  10: 21,
  11: 22,
  12: 22,
  13: 23,
  14: 24,
  15: 25,
};

/** A cluster that a release was made for serves what Kubernetes served then; where it makes no difference, today's. */
export function kubernetesFor(version: string): { readonly kubernetes?: string } {
  const minor = OF_ITS_TIME[minorOf(version)];
  return minor === undefined ? {} : { kubernetes: `v1.${String(minor)}.0` };
}

/** Until 1.9 a namespace that names the control plane without a revision is injected by nobody. */
export function objectsFor(version: string): object[] {
  const objects = shop('default');
  if (minorOf(version) >= 10) return objects;
  return objects.map((object) => {
    const { labels = {} } = object.metadata;
    if (labels['istio.io/rev'] !== 'default') return object;
    const others = Object.entries(labels).filter(([label]) => label !== 'istio.io/rev');
    const chosen = { ...Object.fromEntries(others), 'istio-injection': 'enabled' };
    return { ...object, metadata: { ...object.metadata, labels: chosen } };
  });
}

/** The shipped roles of these names, bound to a user. */
export function bound(user: string, ...names: readonly string[]): object[] {
  return names.flatMap((name) => {
    const text = readFileSync(new URL(`../../roles/${name}.yaml`, import.meta.url), 'utf8');
    return parseAllDocuments(text).flatMap((document) => {
      const role = document.toJS() as { kind: string; metadata: { name: string; namespace?: string } };
      return [
        role,
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: `${role.kind}Binding`,
          metadata: role.metadata,
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role.kind, name: role.metadata.name },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
        },
      ];
    });
  });
}

/** Runs a phase, which must end as it is to, with these errors. */
export type RunPhase = (
  phase: string,
  outcome: string,
  more?: Readonly<Record<string, string>>,
  errors?: readonly string[],
) => Promise<void>;

/**
 * Runs phases of an upgrade to a version.
 *
 * @param inputs of every phase
 * @param calls is told what istioctl was called with to change something
 * @param user whose credential it has
 */
export function runnerOf(
  cluster: Embedded,
  to: string,
  inputs: Readonly<Record<string, string>>,
  calls: string[],
  user = 'admin',
): RunPhase {
  return async (phase, outcome, more = {}, errors = []) => {
    const { outputs, stdout, stderr, report } = await runAction({
      ...(process.env.ACTION_DIST === undefined ? {} : { dist: process.env.ACTION_DIST }),
      inputs: {
        phase,
        version: phase === 'rollback' ? '' : to,
        kubeconfig: cluster.kubeconfig(user),
        'istioctl-base-url': cluster.mirror,
        timeout: '5m',
        ...inputs,
        ...more,
      },
      env: {
        RUNNER_TOOL_CACHE: cluster.toolCache,
        NODE_COMPILE_CACHE: COMPILED,
        KUBECONFIG: '/nowhere/kubeconfig',
      },
    });
    calls.push(...changingCalls(stdout));
    const said = outputs.outcome === outcome ? '' : `${stdout}\n${stderr}`;
    expect([phase, outputs.outcome, said]).toEqual([phase, outcome, '']);
    const found = (report?.findings ?? []).filter(({ severity }) => severity === 'error');
    expect([...new Set(found.map(({ id }) => id))]).toEqual(errors);
  };
}
