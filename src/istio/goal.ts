import type { Finding } from '../finding.ts';
import type { Phase } from '../outcome.ts';
import { adoptable } from './adoption.ts';
import { nameOfGateway } from './api-gateway.ts';
import { flawsOf } from './health.ts';
import { gatewaysToLeave } from './installed-gateway.ts';
import { lastingGateways } from './lasting.ts';
import { type Mesh, nameOf, planeOfRevision } from './mesh.ts';
import { LABEL_REVISION } from './names.ts';
import {
  coversNamespace,
  followsByGit,
  isOnly,
  meshNamespaces,
  namesGone,
  type Scope,
  stayingNamespaces,
} from './scope.ts';
import { relabelling } from './relabelling.ts';
import { agentsOf } from './shared-component.ts';
import { remains } from './state.ts';
import { type TagMoves, tagChanges, tagsLeadingTo } from './tags.ts';

/** What a phase is about, as far as its goal goes. */
export interface Goal {
  readonly phase: Exclude<Phase, 'precheck'>;
  readonly from: string;
  readonly to: string;
  readonly scope: Scope;
  /**
   * The revision that has the default tag and the default validator then. Undefined where there is no default that could
   * move.
   */
  readonly default: string | undefined;
  /** Where the phase takes revision tags. */
  readonly tags: TagMoves;
  /** What was asked to go along with the canary's installation. */
  readonly along: { readonly gateways: boolean; readonly cni: boolean };
  /** The tag that namespaces are to follow that named the old revision; undefined for none. */
  readonly adopts?: string | undefined;
  /** Whether the old control plane is to be gone. */
  readonly removeOld: boolean;
}

/**
 * What keeps a phase from having reached its goal, at a look at the cluster: the postcondition, whatever steps led there
 * (promise 15). Pods and proxies have a proof of their own (`judgeProxies`).
 */
export function unreached(mesh: Mesh, goal: Goal): Finding[] {
  const lacks = {
    canary: canaryLacks,
    promote: promoteLacks,
    rollback: rollbackLacks,
  }[goal.phase](mesh, goal);
  const tags = tagChanges(mesh, goal.tags).map(
    ({ object, from, to }) =>
      [object, `it leads to ${from ?? 'nothing'}, not to ${to ?? 'nothing'}`] as const,
  );
  return [...lacks, ...tags].map(notReached);
}

/** What is lacking, as a finding. */
export function notReached([object, message, remedy]: Lack): Finding {
  return {
    id: 'goal-not-reached',
    severity: 'error',
    object,
    message,
    remedy:
      remedy ??
      'Something else changed it meanwhile. Look at it, then run the phase again: it goes on from what is there.',
  };
}

/** What is not as the phase leaves it, and how it is; and what to do, where that is more than to look. */
export type Lack = readonly [object: string, message: string, remedy?: string];

function canaryLacks(mesh: Mesh, { from, to, scope, along, default: wanted }: Goal): Lack[] {
  return [
    ...planeLacks(mesh, from),
    ...planeLacks(mesh, to),
    ...defaultLacks(mesh, wanted),
    ...namespacesLack(mesh, to, (name) => coversNamespace(scope, name)),
    ...(along.gateways ? gatewaysLack(mesh, from) : []),
    ...(along.cni ? agentsLack(mesh, from) : []),
  ];
}

function promoteLacks(mesh: Mesh, { from, to, removeOld, tags, adopts, default: wanted }: Goal): Lack[] {
  return [
    ...planeLacks(mesh, to),
    ...defaultLacks(mesh, wanted),
    ...namespacesLack(mesh, to, () => true),
    ...strayTags(mesh, from, tags),
    ...(adopts === undefined ? [] : notAdopted(mesh, from, to, adopts)),
    ...gatewaysLack(mesh, from),
    ...apiGatewaysLack(mesh, from),
    ...(removeOld && remains(mesh, from) ? [[`revision ${from}`, 'is still there'] as const] : []),
    ...(removeOld ? ofTheGone(mesh, from, to) : []),
  ];
}

/** What somebody has made for the old control plane while that was being removed: it was unused when it was proved to be. */
function ofTheGone(mesh: Mesh, gone: string, to: string): Lack[] {
  const [pod, ...more] = mesh.pods.filter(({ revision, terminating }) => revision === gone && !terminating);
  return [
    ...mesh.namespaces
      .filter((namespace) => namesGone(namespace, gone))
      .map((namespace): Lack => [
        `Namespace ${namespace.name}`,
        `its label chooses ${gone}, which was removed: new pods come without a sidecar`,
        `${relabelling(namespace, to)}, then run promote again: it restarts what has no proxy of ${to}.`,
      ]),
    ...(pod === undefined
      ? []
      : [
          [
            `Pod ${pod.namespace}/${pod.name}`,
            `its proxy is of ${gone}, which was removed${more.length === 0 ? '' : `, and so is that of ${String(more.length)} more`}`,
          ] as const,
        ]),
  ];
}

/** The way there proves that the old control plane serves; here nothing may be left of the canary. */
function rollbackLacks(mesh: Mesh, { from, to, tags, default: wanted }: Goal): Lack[] {
  return [
    ...defaultLacks(mesh, wanted),
    ...strayTags(mesh, to, tags),
    ...gatewaysLack(mesh, to),
    ...agentsLack(mesh, to),
    ...stayingNamespaces(mesh, to, from).map(
      ({ name }) => [`Namespace ${name}`, `its labels still choose ${to}`] as const,
    ),
    ...apiGatewaysLack(mesh, to),
    ...(remains(mesh, to) ? [[`revision ${to}`, 'is still there'] as const] : []),
  ];
}

/** Tags that lead where none should, as somebody has set them meanwhile; those that the phase moves have their own line. */
function strayTags(mesh: Mesh, revision: string, moves: TagMoves): Lack[] {
  return tagsLeadingTo(mesh, revision)
    .filter((tag) => !(tag in moves))
    .map((tag) => [`tag ${tag}`, `it still leads to ${revision}`]);
}

function notAdopted(mesh: Mesh, from: string, to: string, tag: string): Lack[] {
  const sides = { from: { revision: from }, to: { revision: to } };
  return adoptable(mesh, sides, tag).map(({ name, labels }) => [
    `Namespace ${name}`,
    `it is still labelled ${labels[LABEL_REVISION] ?? ''}, and does not follow the tag ${tag}`,
  ]);
}

function gatewaysLack(mesh: Mesh, leaving: string): Lack[] {
  return gatewaysToLeave(mesh, leaving).map((gateway) => [nameOf(gateway), `it is still of ${leaving}`]);
}

function agentsLack({ shared }: Mesh, leaving: string): Lack[] {
  return agentsOf(shared, leaving).map(({ object }) => [object, `it is still of ${leaving}`]);
}

function planeLacks(mesh: Mesh, revision: string): Lack[] {
  return flawsOf(planeOfRevision(mesh, revision)).map((flaw) => [`control plane ${revision}`, flaw]);
}

function defaultLacks({ defaultInjector, defaultValidator }: Mesh, revision: string | undefined): Lack[] {
  if (revision === undefined) return [];
  return [
    ...(isOnly(defaultInjector, revision)
      ? []
      : [
          [
            'default tag',
            `it leads to ${defaultInjector.join(' and ') || 'nothing'}, not to ${revision}`,
          ] as const,
        ]),
    ...(defaultValidator === revision
      ? []
      : [['default validator', `it is ${defaultValidator ?? 'not there'}, not ${revision}'s`] as const]),
  ];
}

/** Those whose workload the istiod of a revision that is left would still make. */
function apiGatewaysLack(mesh: Mesh, left: string): Lack[] {
  return lastingGateways(mesh)
    .filter(({ claimedBy }) => claimedBy.includes(left))
    .map((gateway) => [nameOfGateway(gateway), `it still leads to ${gateway.claimedBy.join(' and ')}`]);
}

function namespacesLack(mesh: Mesh, to: string, includes: (name: string) => boolean): Lack[] {
  return meshNamespaces(mesh)
    .filter((namespace) => includes(namespace.name) && !isOnly(namespace.injectedBy, to))
    .map((namespace) => [
      `Namespace ${namespace.name}`,
      `its pods would be injected by ${namespace.injectedBy.join(' and ')}, not by ${to}${followsByGit(namespace) ? ' (it follows the default tag)' : ''}`,
    ]);
}
