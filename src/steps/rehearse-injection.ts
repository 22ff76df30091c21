import type { Context } from '../engine/context.ts';
import { type Step, StepFailed, type View } from '../engine/step.ts';
import type { Finding } from '../finding.ts';
import { type MeshPod, type Workload, nameOf } from '../istio/mesh.ts';
import { toReplace } from '../istio/moves.ts';
import { imageVersion, injectedRevision, proxyContainer } from '../istio/proxy.ts';
import { podOfTemplate } from '../istio/rehearsal-pod.ts';
import type { Release } from '../record/record.ts';

/** So many pods are rehearsed at once. */
const CONCURRENCY = 8;

/**
 * Sends each workload's own pod template as a server-side dry run, and sees who injects it and with which proxy:
 * what will come is known before anything is restarted (H09, H64, T14). Nothing is persisted.
 */
export function rehearseInjection(
  release: (view: View) => Release,
  behind: (view: View) => (pod: MeshPod) => boolean,
): Step {
  return {
    id: 'rehearse-injection',
    title: 'Rehearse the injection of the pods to come',
    timeoutMs: 5 * 60_000,
    run: async (context, view) => {
      const { workloads } = toReplace(view.mesh, behind(view));
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
  const { kind, namespace, name } = workload;
  const object = await cluster.get(kind, name, namespace);
  if (object === undefined) return [];
  const answer = await cluster.rehearse('Pod', podOfTemplate(object, kind), namespace);
  if (!answer.admitted) {
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
  const revision = injectedRevision(answer.object);
  const proxy = proxyContainer(answer.object.spec);
  const version = imageVersion(proxy?.image);
  if (
    proxy !== undefined &&
    revision === expected.revision &&
    (version ?? expected.version) === expected.version
  ) {
    return [];
  }
  return [
    {
      id: 'injection-rehearsal-wrong',
      severity: 'error',
      object: nameOf(workload),
      message:
        proxy === undefined
          ? 'a pod of its template would come without a sidecar'
          : `a pod of its template would get proxy ${version ?? 'of unknown version'} of revision ${revision ?? 'unknown'}, not ${expected.version} of ${expected.revision}`,
      remedy:
        'Nothing was restarted. Check the labels of the namespace and of the template, and the webhooks.',
    },
  ];
}
