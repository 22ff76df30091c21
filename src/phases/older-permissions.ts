import type { Permission } from '../cluster/cluster.ts';
import { type Dialect, dialectOfText } from '../istio/dialect.ts';
import { hasDefaultTag } from '../istio/default-tag-left.ts';
import { type Sides, isInPlace } from '../istio/side.ts';
import { permissionsFor } from './permissions.ts';

const WEBHOOKS = 'admissionregistration.k8s.io';

/** What canary may create, and istioctl until 1.7 does not: the rehearsal's dry runs, ways to istiod, the lock, and what came later. */
const NOT_INSTALLED = ['pods', 'leases', 'networkpolicies'];

/**
 * What an installation by an istioctl before 1.24 needs beside the role of canary, as Istio's code has it: the IstioOperator
 * that it keeps or takes away, the EnvoyFilters of telemetry, and until 1.7, as it reads and writes whole objects, `get`
 * and `update` of all that it installs.
 */
function olderPermissions(dialect: Dialect, namespace: string): Permission[] {
  const there = (group: string, resource: string, verbs: readonly string[]): Permission[] =>
    verbs.map((verb) => ({ verb, group, resource, namespace }));
  const update = dialect.appliesOnServer ? [] : ['update'];
  return [
    ...there('install.istio.io', 'istiooperators', [...OF_OPERATOR[dialect.operatorObject]]),
    ...(dialect.operatorObject === 'kept' ? there('install.istio.io', 'istiooperators', update) : []),
    ...(dialect.telemetryFilters
      ? there('networking.istio.io', 'envoyfilters', ['get', 'create', 'patch', ...update])
      : []),
    ...(dialect.appliesOnServer ? [] : wholeObjects(namespace)),
  ];
}

const OF_OPERATOR: Readonly<Record<Dialect['operatorObject'], readonly string[]>> = {
  none: [],
  kept: ['get', 'create', 'patch'],
  'taken away': ['get', 'delete'],
};

function wholeObjects(namespace: string): Permission[] {
  return permissionsFor('canary', namespace)
    .filter(
      ({ verb, resource, subresource }) =>
        verb === 'create' && subresource === undefined && !NOT_INSTALLED.includes(resource),
    )
    .flatMap((one) => ['get', 'update'].map((verb) => ({ ...one, verb })));
}

/** Down below 1.12 the default tag is taken away. */
const OF_DEFAULT_TAG: readonly Permission[] = [
  { verb: 'delete', group: WEBHOOKS, resource: 'mutatingwebhookconfigurations' },
  { verb: 'get', group: WEBHOOKS, resource: 'validatingwebhookconfigurations' },
  { verb: 'delete', group: WEBHOOKS, resource: 'validatingwebhookconfigurations' },
];

/**
 * What installing for an upgrade needs beside the role of canary, each permission once: beside the old control plane of the
 * target's istioctl, in place of both. None from 1.24 on.
 */
export function permissionsOfOlder(upgrade: Sides, istioNamespace: string): Permission[] {
  const { from, to } = upgrade;
  const installs = isInPlace(upgrade) ? [from, to] : [to];
  const dialects = installs.flatMap(({ version }) => dialectOfText(version) ?? []);
  const drops = isInPlace(upgrade) && hasDefaultTag(from.version) !== hasDefaultTag(to.version);
  const all = [
    ...dialects.flatMap((dialect) => olderPermissions(dialect, istioNamespace)),
    ...(drops ? OF_DEFAULT_TAG : []),
  ];
  return [...new Map(all.map((one) => [Object.values(one).join(' '), one])).values()];
}
