/**
 * The Service that a host names, as `name.namespace`. A short name is of the namespace of who asks; whatever the cluster's
 * domain is, `.svc` stands before it.
 *
 * @param home namespace of who asks
 * @returns undefined for a host that is no Service's
 */
export function serviceOf(host: string, home: string): string | undefined {
  const [name = '', namespace = home, svc = 'svc'] = host.split('.');
  return svc === 'svc' ? `${name}.${namespace}` : undefined;
}
