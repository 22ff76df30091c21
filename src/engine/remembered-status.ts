import type { Facts } from '../decide/facts.ts';
import type { Context, ProvedIstioctl } from '../steps/context.ts';

/** Both istioctls, and what the istiods said last of who is connected. */
export interface Remembered {
  readonly pair: Context['istioctl'];
  readonly latest: () => Facts['status'];
}

/**
 * Both istioctls, whose next account of who is connected is the one that was asked for a moment ago: a run that has nothing
 * to do need not ask twice (issue 15). Who asks once more, because that proved nothing, gets a fresh one.
 */
export function rememberStatus({ from, to }: Context['istioctl'], status: Facts['status']): Remembered {
  const latest = { ...status };
  const remembering = (side: 'from' | 'to', proved: ProvedIstioctl): ProvedIstioctl => {
    const { istioctl } = proved;
    let unused = status[side];
    const proxyStatus: typeof istioctl.proxyStatus = async (...args) => {
      const answer = unused ?? (await istioctl.proxyStatus(...args));
      unused = undefined;
      latest[side] = answer;
      return answer;
    };
    return { ...proved, istioctl: { ...istioctl, proxyStatus } };
  };
  return {
    pair: { from: remembering('from', from), to: remembering('to', to) },
    latest: () => latest,
  };
}
