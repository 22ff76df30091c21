import type { Permission } from '../cluster/cluster.ts';

/** The API server's sentence for a request that RBAC does not allow; istioctl passes it on (recordings 321, 351). */
const REFUSED =
  /cannot (?<verb>[a-z]+) resource \\?"(?<resource>[^"\\]+)\\?" in API group \\?"(?<group>[^"\\]*)\\?" (?:in the namespace \\?"(?<namespace>[^"\\]*)\\?"|at the cluster scope)/g;

/** Its sentence for a role or binding that would give away more than the credential has itself. */
const GRANT =
  /(?<resource>(?:cluster)?role)(?<binding>binding)?s\.rbac\.authorization\.k8s\.io \\?"[^"]*\\?" is forbidden: user [^\n]{0,1000}? is attempting to grant RBAC permissions not currently held/g;

/** The rights that are missing by what istioctl said, each once, in the order in which it said them. */
export function deniedIn(text: string): Permission[] {
  const refused = [...text.matchAll(REFUSED)].map(({ groups: { verb, resource, group, namespace } = {} }) => {
    const [plural = '', subresource] = (resource ?? '').split('/');
    return {
      verb: verb ?? '',
      group: group ?? '',
      resource: plural,
      ...(subresource === undefined ? {} : { subresource }),
      ...(namespace === undefined ? {} : { namespace }),
    };
  });
  const granted = [...text.matchAll(GRANT)].map(({ groups: { resource, binding } = {} }) => ({
    verb: binding === undefined ? 'escalate' : 'bind',
    group: 'rbac.authorization.k8s.io',
    resource: `${resource ?? ''}s`,
  }));
  const byText = new Map([...refused, ...granted].map((item) => [JSON.stringify(item), item]));
  return [...byText.values()];
}
