import type { KubeObject } from '../objects.ts';

/**
 * What istiod has against an object of Istio; undefined where nothing. One rule stands for all of them, so that a
 * validator can be seen at work: a VirtualService's HTTP route must lead somewhere.
 */
export function flawOf({ kind, spec }: KubeObject): string | undefined {
  if (kind !== 'VirtualService') return undefined;
  const { http = [] } = spec as { http?: readonly Readonly<Record<string, unknown>>[] };
  const aimless = http.some((route) =>
    ['route', 'redirect', 'directResponse', 'delegate'].every((field) => route[field] === undefined),
  );
  return aimless
    ? 'configuration is invalid: HTTP route, redirect or direct_response is required'
    : undefined;
}
