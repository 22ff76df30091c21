import type { View } from '../decide/upgrade.ts';
import type { Finding } from '../finding.ts';
import type { Behind } from '../istio/behind.ts';
import { type Workload, nameOf } from '../istio/mesh.ts';
import { toReplace } from '../istio/moves.ts';
import { sameRelease } from '../istio/version.ts';
import type { Release } from '../record/record.ts';
import type { Context } from './context.ts';
import { injectionOf } from './rehearsal.ts';
import { type Step, StepFailed } from './step.ts';

/** So many pods are rehearsed at once. */
const CONCURRENCY = 8;

/**
 * Sends each workload's own pod template as a server-side dry run, and sees who injects it and with which proxy:
 * what will come is known before anything is restarted (H09, H64, T14). Nothing is persisted.
 */
export function rehearseInjection(release: (view: View) => Release, behind: Behind): Step {
  return {
    id: 'rehearse-injection',
    title: 'Rehearse the injection of the pods to come',
    timeoutMs: 5 * 60_000,
    run: async (context, view) => {
      const { workloads } = toReplace(view.mesh, behind(view), view.before);
      const expected = release(view);
      const findings: Finding[] = [];
      const queue = [...workloads];
      const worker = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          findings.push(...(await rehearse(context, next, expected)));
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, worker));
      if (findings.length > 0) throw new StepFailed(findings);
      return workloads.length === 0
        ? 'nothing is to be restarted'
        : `${String(workloads.length)} templates, each would get proxy ${expected.version} of ${expected.revision}`;
    },
  };
}

async function rehearse({ cluster }: Context, workload: Workload, expected: Release): Promise<Finding[]> {
  const answer = await injectionOf(cluster, workload);
  if (answer.kind === 'gone') return [];
  if (answer.kind === 'refused') {
    return [
      {
        id: 'injection-rehearsal-failed',
        severity: 'error',
        object: nameOf(workload),
        message: `a pod of its template would be refused: ${answer.reason}`,
        remedy:
          'Nothing was restarted. Check that the injector can be reached from the API server (port 15017).',
      },
    ];
  }
  const right =
    answer.kind === 'injected' &&
    answer.revision === expected.revision &&
    sameRelease(answer.version ?? expected.version, expected.version);
  if (right) return [];
  return [
    {
      id: 'injection-rehearsal-wrong',
      severity: 'error',
      object: nameOf(workload),
      message:
        answer.kind === 'bare'
          ? 'a pod of its template would come without a sidecar'
          : `a pod of its template would get proxy ${answer.version ?? 'of unknown version'} of revision ${answer.revision ?? 'unknown'}, not ${expected.version} of ${expected.revision}`,
      remedy:
        'Nothing was restarted. Check the labels of the namespace and of the template, and the webhooks.',
    },
  ];
}
