import type { Facts } from '../decide/facts.ts';
import type { Context, ProvedIstioctl } from '../steps/context.ts';

/**
 * Both istioctls, whose next account of who is connected is the one that was asked for a moment ago: a run that has nothing
 * to do need not ask twice (issue 15). Who asks once more, because that proved nothing, gets a fresh one.
 */
export function withStatus(pair: Context['istioctl'], status: Facts['status']): Context['istioctl'] {
  return { from: once(pair.from, status.from), to: once(pair.to, status.to) };
}

function once(proved: ProvedIstioctl, known: Facts['status']['from']): ProvedIstioctl {
  let left = known;
  const { istioctl } = proved;
  return {
    ...proved,
    istioctl: {
      ...istioctl,
      proxyStatus: (...args) => {
        const answer = left;
        left = undefined;
        return answer === undefined ? istioctl.proxyStatus(...args) : Promise.resolve(answer);
      },
    },
  };
}
