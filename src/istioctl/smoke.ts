import type { Finding } from '../finding.ts';
import { dialectOf } from '../istio/dialect.ts';
import type { Ended, Istioctl } from './istioctl.ts';

/** Longest for the call, in milliseconds: a list of some webhooks is an answer of a second. */
const DEADLINE_MS = 20_000;

/**
 * One cheap call of istioctl that only reads, as it will be called later: with its kubeconfig, through the relay (K02).
 * What can't work is known before lock and findings. A call that is refused for want of rights got through: rights are
 * asked for elsewhere, all at once.
 *
 * @returns what stops the phase; undefined where istioctl gets through
 * @throws the signal's reason where the run ends meanwhile; `CommandNotRunnable`
 */
export async function smokeIstioctl(
  istioctl: Pick<Istioctl, 'version' | 'listTags'>,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  // Before 1.10 nothing is as cheap: the first call that is needed tells.
  if (dialectOf(istioctl.version).tag === undefined) return undefined;
  const ended = await istioctl.listTags({ timeoutMs: DEADLINE_MS, signal });
  signal.throwIfAborted();
  if (ended.ok || ended.denied.length > 0) return undefined;
  return {
    id: 'istioctl-not-connected',
    severity: 'error',
    message: `istioctl ${istioctl.version.text} does not get through to the cluster, although this Action does: ${ended.words}`,
    remedy: remedyOf(ended),
  };
}

/** By what istioctl says; the cause is client-go's, in its own words. */
const REMEDIES: readonly (readonly [said: RegExp, remedy: string])[] = [
  [
    /getting credentials|exec plugin|executable .* not found/i,
    'istioctl starts the exec plugin of the kubeconfig itself: run it by hand with the same environment.',
  ],
  [
    /Unauthorized|must be logged in|provide credentials/i,
    'The server does not take the credential that istioctl shows: renew it, and run the phase again.',
  ],
  [
    /x509|certificate/i,
    "Check the kubeconfig's certificate-authority-data, and its tls-server-name if the server has another name.",
  ],
  [
    /Bad Gateway|proxyconnect|refused|no such host|timeout|did not end within/i,
    'Check the way from the runner to the API server, and a proxy or firewall that cuts connections.',
  ],
];

function remedyOf({ words }: Ended): string {
  const known = REMEDIES.find(([said]) => said.test(words))?.[1];
  return known ?? 'Run `istioctl tag list` by hand with the same kubeconfig, and mend what it says.';
}
