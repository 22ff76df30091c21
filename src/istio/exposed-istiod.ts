import type { Finding } from '../finding.ts';
import { asList } from './content.ts';
import type { ConfigurationKind } from './configuration-kinds.ts';
import { treeOf } from './leaves.ts';
import { nameOfObject } from './own-objects.ts';
import { istiodName } from './revision.ts';
import { serviceOf } from './service-host.ts';

/** A route, and the Services in which it ends, as `name.namespace`. */
export interface Route {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly services: readonly string[];
}

/** Reads where a VirtualService, TLSRoute or TCPRoute leads to. */
export function routeOf({ kind }: Pick<ConfigurationKind, 'kind'>, object: unknown): Route {
  const { metadata, spec } = treeOf(object);
  const [namespace, name] = [String(treeOf(metadata).namespace), String(treeOf(metadata).name)];
  const services = kind === 'VirtualService' ? hostsOf(spec, namespace) : backendsOf(spec, namespace);
  return { kind, namespace, name, services };
}

function hostsOf(spec: unknown, home: string): string[] {
  const { http, tls, tcp } = treeOf(spec);
  const rules = [http, tls, tcp].flatMap(asList).map(treeOf);
  const ends = rules.flatMap(({ route, mirror, mirrors }) => [
    ...[...asList(route), ...asList(mirrors)].map((one) => treeOf(one).destination),
    mirror,
  ]);
  return ends.flatMap((end) => {
    const { host } = treeOf(end);
    return (typeof host === 'string' ? serviceOf(host, home) : undefined) ?? [];
  });
}

function backendsOf(spec: unknown, home: string): string[] {
  return asList(treeOf(spec).rules)
    .flatMap((rule) => asList(treeOf(rule).backendRefs))
    .map(treeOf)
    .filter(({ kind = 'Service' }) => kind === 'Service')
    .map(({ name, namespace = home }) => `${String(name)}.${String(namespace)}`);
}

/**
 * Routes by which VMs or remote clusters come to the istiod that is removed (Istio's samples/multicluster,
 * expose-istiod-rev.yaml): no proxy of a pod shows them, and once it is gone they lead nowhere.
 */
export function exposedIstiod(
  routes: readonly Route[],
  { istioNamespace, from, to }: Readonly<Record<'istioNamespace' | 'from' | 'to', string>>,
  severity: Finding['severity'],
): Finding[] {
  const going = `${istiodName(from)}.${istioNamespace}`;
  return routes
    .filter(({ services }) => services.includes(going))
    .map((route) => ({
      id: 'still-in-use',
      severity,
      object: nameOfObject(route),
      message: `it leads to Service ${going}: once ${from} is removed, VMs or remote clusters that come this way reach no istiod`,
      remedy: `Make a way to ${istiodName(to)}.${istioNamespace} beside it, have those who come this way ask that one, then delete this one${severity === 'error' ? ', and run the phase again' : ' before the removal'}.`,
    }));
}
