import { asList } from '../istio/content.ts';
import { treeOf } from '../istio/leaves.ts';

/**
 * Older versions in which releases render, and the one that is written, whose fields are the same but for metrics of
 * autoscaling/v2beta1. `manifest generate` takes Kubernetes for older than it is: it says autoscaling/v2beta1 until 1.15,
 * v2beta2 in 1.16, and policy/v1beta1 in both (istio#41220, istio#43117; 1.17 begins with Kubernetes 1.23, istio#42513).
 */
const NEWEST: Readonly<Record<string, string>> = {
  'HorizontalPodAutoscaler autoscaling/v2beta1': 'autoscaling/v2',
  'HorizontalPodAutoscaler autoscaling/v2beta2': 'autoscaling/v2',
  'PodDisruptionBudget policy/v1beta1': 'policy/v1',
};

/** What autoscaling/v2beta1 says in one word, by the kind of target that it became. */
const TARGETS: Readonly<Record<string, readonly [type: string, field: string]>> = {
  targetAverageUtilization: ['Utilization', 'averageUtilization'],
  targetAverageValue: ['AverageValue', 'averageValue'],
};

/**
 * A rendered object in the version in which it is written and compared, as the API server would convert it. One whose
 * metrics have other names there (`Pods`, `Object`, `External` of v2beta1) stays as it is.
 */
export function inNewestVersion<T extends object>(object: T): T {
  const { apiVersion, kind, spec } = treeOf(object);
  const newest = NEWEST[`${String(kind)} ${String(apiVersion)}`];
  if (newest === undefined) return object;
  const { metrics } = treeOf(spec);
  if (metrics === undefined) return { ...object, apiVersion: newest };
  const converted = asList(metrics).map(converting);
  if (converted.includes(undefined)) return object;
  return { ...object, apiVersion: newest, spec: { ...treeOf(spec), metrics: converted } };
}

/** Undefined for what is not understood. */
function converting(metric: unknown): object | undefined {
  const { type, ...sources } = treeOf(metric);
  const entries = Object.entries(sources).map(([name, source]) => [name, targeted(treeOf(source))] as const);
  return entries.some(([, source]) => source === undefined)
    ? undefined
    : { type, ...Object.fromEntries(entries) };
}

/** Whatever names its metric by `metricName` is of a kind that v2 writes otherwise. */
function targeted({ ...source }: Record<string, unknown>): object | undefined {
  if (source.metricName !== undefined) return undefined;
  if (source.target !== undefined) return source;
  const [older] = Object.entries(TARGETS).filter(([name]) => source[name] !== undefined);
  if (older === undefined) return undefined;
  const [name, [type, field]] = older;
  const { [name]: amount, ...rest } = source;
  return { ...rest, target: { type, [field]: amount } };
}
