import { isDeepStrictEqual } from 'node:util';
import type { Snapshot } from '../support/normalise.ts';
import type { MeshRevision, Ref, RunAct } from './scenario.ts';
import { NEW, OLD, TARGET } from './scenarios/shop.ts';

/** What Istio's documents tell people to type. */
export type ByHand =
  | { readonly istioctl: readonly string[]; readonly version: string }
  /** `kubectl label namespace NAME …`; null takes a label away. */
  | { readonly label: string; readonly as: Readonly<Record<string, string | null>> }
  /** `kubectl rollout restart deployment -n NAMESPACE`, and the other kinds. */
  | { readonly restart: string };

/** The documents' commands, and this Action asked for the same. Both begin with `before`. */
export interface Story {
  readonly id: string;
  readonly mesh: MeshRevision;
  /** Only when all scenarios are asked for (`SCENARIOS=all`): it takes two clusters. */
  readonly played?: 'if-asked';
  readonly before: readonly ByHand[];
  readonly byHand: readonly ByHand[];
  readonly action: readonly Pick<RunAct, 'run' | 'inputs'>[];
}

const MESH = '1-30-3';
const REV = 'istio.io/rev';

const istioctl = (version: string, ...args: readonly string[]): ByHand => ({ version, istioctl: args });
const canary = (...set: readonly string[]): ByHand =>
  istioctl(NEW, 'install', '--revision', TARGET, ...set.flatMap((value) => ['--set', value]), '-y');
const move = (namespace: string, to = TARGET): readonly ByHand[] => [
  { label: namespace, as: { 'istio-injection': null, [REV]: to } },
  { restart: namespace },
];
const REMOVE = { 'remove-old': 'true', 'remove-old-after': '0s' };
const GATEWAYS = { set: 'profile=default', gateways: 'with-install' };
const WITH_GATEWAY = istioctl(OLD, 'install', '--revision', MESH, '--set', 'profile=default', '-y');
const IN_PLACE = { strategy: 'in-place' };
const ALL = ['storefront', 'catalog', 'checkout', 'legacy'];

export const STORIES: readonly Story[] = [
  {
    id: 'canary upgrade without tags, with the shared gateway, and the old control plane uninstalled',
    mesh: MESH,
    before: [WITH_GATEWAY],
    byHand: [
      canary('profile=default'),
      ...ALL.flatMap((namespace) => move(namespace)),
      istioctl(NEW, 'tag', 'set', 'default', '--revision', TARGET, '--overwrite', '-y'),
      istioctl(NEW, 'uninstall', '--revision', MESH, '-y'),
    ],
    action: [
      { run: 'canary', inputs: { 'canary-namespaces': 'storefront', ...GATEWAYS } },
      { run: 'promote', inputs: { ...GATEWAYS, ...REMOVE } },
    ],
  },
  {
    id: 'canary upgrade with tags, and the old control plane uninstalled',
    played: 'if-asked',
    mesh: MESH,
    before: [
      istioctl(OLD, 'tag', 'set', 'prod-stable', '--revision', MESH, '-y'),
      istioctl(OLD, 'tag', 'set', 'prod-canary', '--revision', MESH, '-y'),
      { label: 'catalog', as: { [REV]: 'prod-stable' } },
      { label: 'storefront', as: { [REV]: 'prod-canary' } },
    ],
    byHand: [
      canary('profile=minimal'),
      istioctl(NEW, 'tag', 'set', 'prod-canary', '--revision', TARGET, '--overwrite', '-y'),
      { restart: 'storefront' },
      istioctl(NEW, 'tag', 'set', 'prod-stable', '--revision', TARGET, '--overwrite', '-y'),
      { restart: 'catalog' },
      istioctl(NEW, 'tag', 'set', 'default', '--revision', TARGET, '--overwrite', '-y'),
      { restart: 'checkout' },
      { restart: 'legacy' },
      istioctl(NEW, 'uninstall', '--revision', MESH, '-y'),
    ],
    action: [
      { run: 'canary', inputs: { 'canary-tag': 'prod-canary' } },
      { run: 'promote', inputs: REMOVE },
    ],
  },
  {
    id: 'canary with the shared gateway, given up: the gateway installed again, the canary uninstalled',
    played: 'if-asked',
    mesh: MESH,
    before: [WITH_GATEWAY],
    byHand: [
      canary('profile=default'),
      ...move('storefront'),
      ...move('storefront', MESH),
      WITH_GATEWAY,
      istioctl(NEW, 'uninstall', '--revision', TARGET, '-y'),
    ],
    action: [
      { run: 'canary', inputs: { 'canary-namespaces': 'storefront', ...GATEWAYS } },
      { run: 'rollback', inputs: GATEWAYS },
    ],
  },
  {
    id: 'upgrade in place, and every workload restarted',
    played: 'if-asked',
    mesh: 'default',
    before: [],
    byHand: [
      istioctl(NEW, 'install', '--set', 'profile=minimal', '-y'),
      ...ALL.map((namespace) => ({ restart: namespace })),
    ],
    action: [
      { run: 'canary', inputs: { 'canary-namespaces': 'storefront', ...IN_PLACE } },
      { run: 'promote', inputs: IN_PLACE },
    ],
  },
];

/** Where this Action ends otherwise than the documents, and why. All else must be equal. */
export interface Deviation {
  readonly what: string;
  readonly because: string;
  /** The objects, and the path of what is not compared in them. */
  readonly objects: readonly Ref[] | 'all';
  readonly path: readonly string[];
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    what: 'annotation kubectl.kubernetes.io/restartedAt of pod templates',
    because:
      'the documents restart with kubectl; this Action with an annotation of its own, which says for what, so that it restarts nothing twice',
    objects: 'all',
    path: ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt'],
  },
  {
    what: 'labels of namespaces that followed the default',
    because:
      'the documents take istio-injection away for good; this Action puts it back once the default has moved, so that Git and cluster agree',
    objects: ['Namespace checkout', 'Namespace legacy'],
    path: ['metadata', 'labels'],
  },
];

/** A snapshot without what is declared to differ. */
export function withoutDeviations(snapshot: Snapshot): Snapshot {
  return Object.fromEntries(
    Object.entries(snapshot).map(([ref, object]) => [
      ref,
      DEVIATIONS.filter(({ objects }) => objects === 'all' || objects.includes(ref)).reduce(
        (rest, { path }) => without(rest, path),
        object,
      ),
    ]),
  );
}

function without(value: unknown, [key = '', ...rest]: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !(key in value)) return value;
  const { [key]: inner, ...others } = value as Readonly<Record<string, unknown>>;
  const left = rest.length === 0 ? undefined : without(inner, rest);
  // What held nothing else is as good as not there.
  return left === undefined || isDeepStrictEqual(left, {}) ? others : { ...others, [key]: left };
}
