import { aimOf, inPlace, isAt, sayAim } from './aim.ts';
import { type Case, ISTIO, claims, isBelow, knowsNoBetter } from './judge.ts';
import type { Look, Plane, Seen } from './look.ts';

/** Rules of upgrades in place (issue 14): there is one control plane, and its version is what differs. */

export const planesIn = ({ planes }: Look): readonly Plane[] => planes.filter(({ home }) => home === ISTIO);

export const proxiesIn = ({ pods }: Look): readonly Seen[] =>
  pods.filter(({ home, revision }) => home === ISTIO && revision !== '');

/** Down goes who was given leave, and who goes back. */
export function directionInPlace({ act, said }: Case): string[] {
  if (!inPlace({ act }) || act.run !== 'canary' || act.inputs['allow-downgrade'] === 'true') return [];
  const { 'from-version': from = '', 'to-version': to = '' } = said?.outputs ?? {};
  const went = ['succeeded', 'failed', 'no-changes'].includes(said?.outcome ?? '');
  return went && from !== '' && isBelow(to, from) ? [`from ${from} down to ${to} without leave`] : [];
}

/** The control plane is whole, and of the version that the phase leaves it with. */
export function goalInPlace(judged: Case): string[] {
  const { said, begin, after, others } = judged;
  if (!inPlace(judged) || said === undefined || others.mesh || judged.act.inputs['dry-run'] === 'true')
    return [];
  const [from, to] = [aimOf(judged, 'from'), aimOf(judged, 'to')];
  const down = isBelow(to.version ?? '', from.version ?? '');
  const wanted =
    said.outcome === 'rolled-back'
      ? from
      : claims(judged, 'promote') || (claims(judged, 'canary') && !down)
        ? to
        : claims(judged, 'canary')
          ? from
          : undefined;
  if (wanted === undefined) return [];
  const problems = planesIn(after)
    .filter((plane) => !isAt(wanted, plane) || !plane.ready)
    .map(
      ({ revision, version, ready }) =>
        `the control plane is ${revision}@${version}${ready ? '' : ' and not ready'}, not ${sayAim(wanted)}`,
    );
  if (planesIn(after).length !== planesIn(begin).length) problems.push('there is not one control plane');
  return problems;
}

/** At no moment is a proxy newer than the istiods that serve it (H40), unless that was acknowledged. */
export function newerProxies({ act, moments, others }: Case): string[] {
  const acknowledged = (act.inputs.acknowledge ?? '').includes('proxies-newer-than-control-plane');
  return !inPlace({ act }) || acknowledged || others.any ? [] : [...(moments?.newer ?? [])];
}

/** What is said of how it stands is what is there. */
export function stateInPlaceLies({ act, said, begin, after, others, unwell }: Case): string[] {
  const state = said?.outputs.state ?? '';
  if (!inPlace({ act }) || said === undefined || others.any || act.run === 'precheck') return [];
  if (knowsNoBetter({ act, said })) return [];
  const { 'from-version': from = '', 'to-version': to = '' } = said.outputs;
  if (from === '' || to === '') return [];
  const plane = planesIn(after)[0]?.version ?? 'gone';
  const down = isBelow(to, from);
  const wanted: Readonly<Record<string, string>> = {
    canary: down ? from : to,
    completed: to,
    'rolled-back': from,
  };
  const lies = wanted[state] === undefined || wanted[state] === plane ? [] : [`istiod is ${plane}`];
  const other = { completed: from, 'rolled-back': to }[state];
  const accepted = (act.inputs['allow-stragglers'] ?? '') !== '';
  const there = new Set(proxiesIn(begin).map(({ namespace, name }) => `${namespace}/${name}`));
  const left = proxiesIn(after)
    // What was left there by leave of an earlier upgrade is as this one has found it.
    .filter(({ namespace, name }) => state !== 'rolled-back' || !there.has(`${namespace}/${name}`))
    .filter(({ version, owner }) => version === other && !unwell.has(owner));
  if (!accepted || (state === 'rolled-back' && act.run !== 'rollback'))
    lies.push(...left.slice(0, 1).map(({ owner }) => `a pod of ${owner} is of ${other ?? ''}`));
  return lies.map((lie) => `${state} (${from} to ${to}), but ${lie}`);
}
