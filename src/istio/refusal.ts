import type { Finding } from '../finding.ts';

/** Who refused a write, or a dry run of one. */
export type Refuser =
  'injector' | 'quota' | 'policy' | 'webhook' | 'terminating' | 'validation' | 'forbidden' | 'unknown';

/** A refusal, told as what it is (M26, M32, M41). */
export interface Refusal {
  readonly by: Refuser;
  /** The webhook, quota or policy that refused. */
  readonly name?: string;
  /** Nobody answered for the webhook: it did not say no. */
  readonly unanswered?: true;
  /** The API server's own words. */
  readonly words: string;
}

/** Istio's injectors are named so: `rev.namespace.sidecar-injector.istio.io`. */
const INJECTOR = /(^|\.)sidecar-injector\.istio\.io$/;

/**
 * Who refused, by the words of the API server: the status alone does not say it, as a webhook answers with any it
 * likes. What the outermost speaker says counts: a webhook may quote anybody in what follows.
 */
export function refusalOf(error: { readonly status: number; readonly message: string }): Refusal {
  const { status, message: words } = error;
  const [, speaker, webhook] = /(admission webhook|failed calling webhook) "([^"]+)"/.exec(words) ?? [];
  if (webhook !== undefined) {
    return {
      by: INJECTOR.test(webhook) ? 'injector' : 'webhook',
      name: webhook,
      ...(speaker === 'failed calling webhook' ? { unanswered: true } : {}),
      words,
    };
  }
  const policy = /ValidatingAdmissionPolicy '([^']+)' with binding '[^']*' denied request/.exec(words)?.[1];
  if (policy !== undefined) return { by: 'policy', name: policy, words };
  if (words.includes('violates PodSecurity')) return { by: 'policy', name: 'PodSecurity', words };
  if (words.includes('because it is being terminated')) return { by: 'terminating', words };
  const quota = /exceeded quota: ([^,\s]+)/.exec(words)?.[1];
  if (quota !== undefined) return { by: 'quota', name: quota, words };
  if (status === 422) return { by: 'validation', words };
  if (status === 403) return { by: 'forbidden', words };
  return { by: 'unknown', words };
}

/**
 * The finding for a write that somebody's rule has refused, with that one's own words (M32): it is neither a missing
 * permission nor a bad credential, whatever status it was given. Undefined for every other error.
 */
export function policyRefusal(error: {
  readonly status: number;
  readonly message: string;
  readonly request: string;
}): Finding | undefined {
  const { by, name = '', unanswered, words } = refusalOf(error);
  if (by !== 'webhook' && by !== 'policy' && by !== 'quota' && by !== 'injector') return undefined;
  if (unanswered === true) {
    return {
      id: 'change-refused-by-policy',
      severity: 'error',
      message: `${error.request} was refused, as nobody answers for ${NAMES[by]} ${name}: ${words}`,
      remedy: `Get the server of ${name} to answer (kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations names its Service), then run the phase again: it goes on where it stopped.`,
    };
  }
  return {
    id: 'change-refused-by-policy',
    severity: 'error',
    message: `${error.request} was refused by ${NAMES[by]} ${name}: ${words}`,
    remedy: `Make an exception in ${name} for this Action's user (field manager istio-upgrade), then run the phase again: it goes on where it stopped.`,
  };
}

const NAMES = { webhook: 'webhook', policy: 'policy', quota: 'quota', injector: 'injector' } as const;
