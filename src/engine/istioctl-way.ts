import type { Fence } from '../cluster/fence.ts';
import { openGateway } from '../cluster/gateway.ts';
import { type ActsAs, fitsFlags } from '../cluster/impersonation.ts';
import type { Kubeconfig } from '../cluster/kubeconfig.ts';
import { openRelay } from '../cluster/relay.ts';
import { Refused } from '../steps/step.ts';

/** How istioctl gets to the cluster, as whoever this Action is there. */
export interface IstioctlWay {
  /** Its kubeconfig. A secret. */
  readonly text: string;
  /** Whom it is to be told by flags that it acts as. */
  readonly actsAs: ActsAs | undefined;
}

/**
 * The way of istioctl to the API server, which is cut when the lock is lost (promise 4): a relay of connections, or, where
 * istioctl can't be told whom it acts as (K02), a gateway that says so itself.
 *
 * @param changes whether the phase may change something: it must not where the way can't be cut
 * @param onSecret told each secret of the way before it is used
 * @throws Refused
 */
export async function istioctlWay(
  kubeconfig: Kubeconfig,
  fence: Fence,
  { changes, onSecret }: { readonly changes: boolean; readonly onSecret?: (secret: string) => void },
): Promise<IstioctlWay> {
  const { destination, proxy, actsAs } = kubeconfig;
  const carried = proxy === undefined || /^https?:/.test(proxy);
  if (!carried && changes) throw notFenced(proxy);
  if (!fitsFlags(actsAs)) {
    const { url } = await openGateway(kubeconfig, fence, onSecret);
    return { text: kubeconfig.at(url), actsAs: undefined };
  }
  if (!carried) return { text: kubeconfig.text, actsAs };
  const { url } = await openRelay({ server: destination.server, proxy }, fence);
  return { text: kubeconfig.through(url), actsAs };
}

/** istioctl would go on writing when the lock is lost. */
function notFenced(proxy: string): Refused {
  return new Refused([
    {
      id: 'istioctl-not-fenced',
      severity: 'error',
      message: `the API server is reached through a proxy of a kind (${new URL(proxy).protocol}) through which istioctl can't be stopped when this run loses the lock`,
      remedy: 'Use an http:// or https:// proxy. precheck and dry-run work as it is.',
    },
  ]);
}
