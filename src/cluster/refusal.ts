/** Who refused a write, or a dry run of one. */
export type Refuser =
  'injector' | 'quota' | 'policy' | 'webhook' | 'terminating' | 'validation' | 'forbidden' | 'unknown';

/** A refusal, told as what it is (M26, M32, M41). */
export interface Refusal {
  readonly by: Refuser;
  /** The webhook, quota or policy that refused. */
  readonly name?: string;
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
  const webhook = /(?:admission webhook|failed calling webhook) "([^"]+)"/.exec(words)?.[1];
  if (webhook !== undefined) {
    return { by: INJECTOR.test(webhook) ? 'injector' : 'webhook', name: webhook, words };
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
