import { isDeepStrictEqual } from 'node:util';
import type { Case } from './judge.ts';
import type { Look } from './look.ts';

interface Body {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
}

/** What istioctl has installed as gateways, by name, with its revision. */
function gatewaysIn({ snapshot }: Look): Map<string, string> {
  const found = Object.entries(snapshot).flatMap(([name, object]) => {
    const labels = (object as Body).metadata.labels ?? {};
    return (labels['operator.istio.io/component'] ?? '').endsWith('Gateways')
      ? [[name, labels['istio.io/rev'] ?? ''] as const]
      : [];
  });
  return new Map(found);
}

/** Nothing of a gateway ever goes, whatever becomes of the run (H23, T17). */
export function gatewayLost({ before, after, others }: Case): string[] {
  const there = gatewaysIn(after);
  return others.mesh ? [] : [...gatewaysIn(before).keys()].filter((name) => !there.has(name));
}

/** Canary leaves them as they are (H22), promote takes all that is a gateway's along, rollback brings it back. */
export function gatewayGoal({ act, said, before, after, others }: Case): string[] {
  if (said === undefined || others.mesh || act.inputs['dry-run'] === 'true') return [];
  const leaving =
    said.outcome === 'rolled-back'
      ? said.outputs['to-revision']
      : said.outcome === 'succeeded' && act.run === 'promote'
        ? said.outputs['from-revision']
        : undefined;
  const left = [...gatewaysIn(after)].filter(([, revision]) => revision === leaving).map(([name]) => name);
  const touched =
    act.run === 'canary'
      ? [...gatewaysIn(before).keys()].filter(
          (name) => !isDeepStrictEqual(before.snapshot[name], after.snapshot[name]),
        )
      : [];
  return [
    ...left.map((name) => `${name} is still of ${leaving ?? ''}`),
    ...touched.map((name) => `canary changed ${name}`),
  ];
}
