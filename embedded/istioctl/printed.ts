import type { Item } from './client.ts';
import { printedAs } from './releases.ts';

/** A metric of autoscaling/v2. */
interface Metric {
  readonly resource: { readonly target?: { readonly averageUtilization?: number } };
}

/** An object as `manifest generate` of a release prints it. */
export function asPrinted(item: Item, version: string): Item {
  const apiVersion = printedAs(version, item.kind);
  if (apiVersion === undefined) return item;
  if (apiVersion !== 'autoscaling/v2beta1') return { ...item, apiVersion };
  const { metrics, ...spec } = item.spec as { readonly metrics: readonly Metric[] };
  return { ...item, apiVersion, spec: { ...spec, metrics: metrics.map(older) } };
}

function older({ resource: { target, ...resource }, ...metric }: Metric): object {
  return { ...metric, resource: { ...resource, targetAverageUtilization: target?.averageUtilization } };
}
