import { isDeepStrictEqual } from 'node:util';
import { inPlace } from './aim.ts';
import type { Case } from './judge.ts';
import type { Look } from './look.ts';

interface Body {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
}

/** One component that revisions share, as istioctl has installed it. */
interface Part {
  readonly revision: string;
  readonly version: string;
}

/** What istioctl has installed of components, by name. */
function partsIn({ snapshot }: Look, component: RegExp): Map<string, Part> {
  const found = Object.entries(snapshot).flatMap(([name, object]) => {
    const labels = (object as Body).metadata.labels ?? {};
    return component.test(labels['operator.istio.io/component'] ?? '')
      ? [[name, partOf(labels)] as const]
      : [];
  });
  return new Map(found);
}

function partOf(labels: Readonly<Record<string, string>>): Part {
  return {
    revision: labels['istio.io/rev'] ?? '',
    version: labels['operator.istio.io/version'] ?? '',
  };
}

const GATEWAYS = /Gateways$/;
const CNI = /^Cni$/;

/** Nothing of a gateway ever goes, nor of Istio CNI, whatever becomes of the run (H23, H54, T17). */
export function gatewayLost({ before, after, others }: Case): string[] {
  if (others.mesh) return [];
  const there = partsIn(after, SHARED);
  return [...partsIn(before, SHARED).keys()].filter((name) => !there.has(name));
}

const SHARED = /Gateways$|^Cni$/;

/** At every moment one ready pod of each gateway has a stream to an istiod that lives. */
export function gatewayUnserved({ moments, others }: Case): string[] {
  return others.any ? [] : [...(moments?.unserved ?? [])];
}

/** Canary leaves them as they are (H22), or takes them along; promote takes all along, rollback brings all back. */
export function gatewayGoal(judged: Case): string[] {
  const along = judged.act.inputs.gateways === 'with-install';
  return [...goalOf(judged, GATEWAYS, along), ...madeGoal(judged)];
}

/** It is left as it is, or goes along with the installation, and comes back (H54, H56). */
export function cniGoal(judged: Case): string[] {
  const { act, before, after, others } = judged;
  if (act.run !== 'promote') return goalOf(judged, CNI, act.inputs.cni === 'with-install');
  if (others.mesh || inPlace(judged)) return [];
  return changedOf(before, after, CNI).map((name) => `promote changed ${name}`);
}

function goalOf({ act, said, before, after, others }: Case, component: RegExp, along: boolean): string[] {
  if (said === undefined || others.mesh || act.inputs['dry-run'] === 'true') return [];
  const key = inPlace({ act }) ? 'version' : 'revision';
  const { [`from-${key}`]: from, [`to-${key}`]: to } = said.outputs;
  const goesAlong = along || (inPlace({ act }) && !goesDown(said.outputs));
  const moves = act.run === 'promote' || (act.run === 'canary' && goesAlong);
  const leaving =
    said.outcome === 'rolled-back' ? to : said.outcome === 'succeeded' && moves ? from : undefined;
  const left = [...partsIn(after, component)].filter(([, part]) => part[key] === leaving);
  const touched =
    act.run === 'canary' && !along && !inPlace({ act }) ? changedOf(before, after, component) : [];
  return [
    ...left.map(([name]) => `${name} is still of ${leaving ?? ''}`),
    ...touched.map((name) => `canary changed ${name}`),
  ];
}

function goesDown({
  'from-version': from = '',
  'to-version': to = '',
}: Readonly<Record<string, string>>): boolean {
  return from.localeCompare(to, 'en', { numeric: true }) > 0;
}

function changedOf(before: Look, after: Look, component: RegExp): string[] {
  return [...partsIn(before, component).keys()].filter(
    (name) => !isDeepStrictEqual(before.snapshot[name], after.snapshot[name]),
  );
}

/** What istiod makes for a Gateway of the Kubernetes Gateway API stays in canary (H19); where it is afterwards, pods tell. */
function madeGoal({ act, said, before, after, others }: Case): string[] {
  if (act.run !== 'canary' || said === undefined || others.any || inPlace({ act })) return [];
  const revisions = ({ pods }: Look): Map<string, string> =>
    new Map(pods.filter(({ ofGateway }) => ofGateway).map(({ owner, revision }) => [owner, revision]));
  const now = revisions(after);
  return [...revisions(before)]
    .filter(([owner, revision]) => now.get(owner) !== revision)
    .map(([owner, revision]) => `canary moved ${owner} from ${revision} to ${now.get(owner) ?? 'nobody'}`);
}
