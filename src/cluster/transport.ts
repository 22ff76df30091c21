import type { Finding } from '../finding.ts';

/** What of a kubeconfig and its surroundings decides whether somebody on the way can read along or answer instead. */
export interface Transport {
  /** URL of the API server. */
  readonly server: string;
  /** `insecure-skip-tls-verify` of the cluster. */
  readonly skipsVerification: boolean;
  /** `NODE_TLS_REJECT_UNAUTHORIZED` of the environment. */
  readonly nodeRejects: string | undefined;
}

/**
 * What is not safe about the way to the API server (issue 12): who answers instead of it gets the credential, and makes the
 * Action believe what he likes. Precheck is told, a phase that changes something is refused, unless the input
 * `allow-insecure-tls` says that it is known. A server on this machine (a tunnel's end) may be plain HTTP.
 *
 * @param changes whether the phase may change something
 */
export function insecureTransport(
  { server, skipsVerification, nodeRejects }: Transport,
  { changes, allowed }: { readonly changes: boolean; readonly allowed: boolean },
): Finding[] {
  const findings: Finding[] = [];
  if (nodeRejects === '0') {
    findings.push({
      id: 'tls-verification-off',
      severity: 'error',
      message:
        'NODE_TLS_REJECT_UNAUTHORIZED=0 is set: no certificate would be checked, of the API server, of a proxy or of where istioctl comes from',
      remedy:
        "Remove it from the workflow and the runner. For an authority of your own there are the kubeconfig's certificate-authority-data and NODE_EXTRA_CA_CERTS.",
    });
  }
  const flaw = flawOf(server, skipsVerification);
  if (flaw !== undefined) {
    findings.push({
      id: 'api-server-not-proved',
      severity: changes && !allowed ? 'error' : 'warning',
      message: `${flaw}: whoever is on the way there can read the credential, and answer instead of the cluster`,
      remedy:
        'Give the kubeconfig an https:// server and its certificate-authority-data, and tls-server-name if the certificate has another name. If you know what you do, set allow-insecure-tls: true.',
    });
  }
  return findings;
}

function flawOf(server: string, skipsVerification: boolean): string | undefined {
  const { protocol, hostname } = URL.canParse(server) ? new URL(server) : { protocol: '', hostname: '' };
  const local = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
  if (protocol !== 'https:') return local ? undefined : 'the API server is reached without TLS';
  return skipsVerification
    ? 'the certificate of the API server is not checked (insecure-skip-tls-verify)'
    : undefined;
}
