import type { WorkloadObject } from '../cluster/objects.ts';

/** A pod as it is sent for a dry run: what this Action does not read goes along untouched. */
export interface RehearsalPod {
  readonly metadata: {
    readonly generateName: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * The pod that a workload's controller would make of its template (M20): the StatefulSet controller adds a volume for
 * each claim template, hostname and subdomain. Bound to no node and owned by nobody, so that nothing but admission
 * judges it.
 */
export function podOfTemplate(workload: WorkloadObject, kind: string): RehearsalPod {
  const { template } = workload.spec;
  const { name } = workload.metadata;
  const spec: Readonly<Record<string, unknown>> & {
    readonly volumes?: readonly { readonly name: string }[];
  } = {
    ...template.spec,
    nodeName: undefined,
  };
  const pod = {
    metadata: {
      generateName: 'istio-upgrade-rehearsal-',
      labels: template.metadata?.labels ?? {},
      annotations: template.metadata?.annotations ?? {},
    },
    spec,
  };
  if (kind !== 'StatefulSet') return pod;
  const own = workload.spec as {
    readonly serviceName?: string;
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
  const claims = (own.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
  const volumes = spec.volumes ?? [];
  return {
    metadata: {
      ...pod.metadata,
      labels: { ...pod.metadata.labels, 'statefulset.kubernetes.io/pod-name': `${name}-0` },
    },
    spec: {
      ...spec,
      hostname: `${name}-0`,
      ...(own.serviceName === undefined || own.serviceName === '' ? {} : { subdomain: own.serviceName }),
      // As the controller does it: a claim takes the place of a volume of the same name.
      volumes: [
        ...volumes.filter((volume) => !claims.includes(volume.name)),
        ...claims.map((claim) => ({
          name: claim,
          persistentVolumeClaim: { claimName: `${claim}-${name}-0` },
        })),
      ],
    },
  };
}
