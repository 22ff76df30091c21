import type { WorkloadObject } from '../cluster/objects.ts';
import type { ControlPlane } from './mesh.ts';

/**
 * Istio's own operator (until 1.23), or its fork: it installs what IstioOperators on the cluster say, under the very labels
 * of istioctl's, and puts back what somebody else changes. Its chart is manifests/charts/istio-operator of those releases.
 */
export interface InClusterOperator {
  readonly namespace: string;
  readonly name: string;
  /** The one revision that it takes care of; empty for all. */
  readonly revision: string;
  /** The namespaces whose IstioOperators it follows; empty for all. */
  readonly watched: readonly string[];
}

const CONTAINER = 'istio-operator';
/** Its program's only command. Maistra's operator, whose container has the same name, has none. */
const COMMAND = 'server';

/** Undefined for any other Deployment, and for one that is scaled to zero. */
export function inClusterOperatorOf({ metadata, spec }: WorkloadObject): InClusterOperator | undefined {
  const { namespace = '', name } = metadata;
  const container = spec.template.spec.containers.find((item) => item.name === CONTAINER);
  if (container === undefined || spec.replicas === 0) return undefined;
  const { command = [], args = [], env = [] } = container;
  if (![...command, ...args].includes(COMMAND)) return undefined;
  const value = (key: string): string => env.find((item) => item.name === key)?.value ?? '';
  const watched = value('WATCH_NAMESPACE').split(',');
  return { namespace, name, revision: value('REVISION'), watched: watched.filter((place) => place !== '') };
}

/** The control planes, with their operator for those which it may have installed: nothing tells it from istioctl. */
export function withOperators(
  planes: readonly ControlPlane[],
  operators: readonly InClusterOperator[],
  istioNamespace: string,
): ControlPlane[] {
  return planes.map((plane) => {
    const { owner, revision, madeIn = istioNamespace } = plane;
    const operator = operators.find(
      (one) =>
        (one.revision === '' || one.revision === revision) &&
        (one.watched.length === 0 || one.watched.includes(madeIn)),
    );
    return operator === undefined || owner !== 'istioctl'
      ? plane
      : { ...plane, owner: 'operator', operator: { namespace: operator.namespace, name: operator.name } };
  });
}
