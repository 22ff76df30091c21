/** Why a TLS connection did not come about, as it is told. */
export interface TlsFailure {
  readonly words: string;
  readonly remedy: string;
}

const AUTHORITY: TlsFailure = {
  words: "the server's certificate is of another authority than the kubeconfig has",
  remedy:
    "Check the kubeconfig's certificate-authority-data: a cluster that was made anew has a new authority. A proxy that opens TLS needs its own authority there.",
};
/** The same where the kubeconfig has none. */
const UNKNOWN: TlsFailure = {
  words:
    "the kubeconfig has no certificate-authority-data, and the server's certificate is of an authority that this runner does not know",
  remedy:
    "Give the kubeconfig the cluster's certificate-authority-data. An authority that the whole runner is to trust belongs into its system's store, or into a file that NODE_EXTRA_CA_CERTS names.",
};
const CLIENT: TlsFailure = {
  words: 'the server does not take the client certificate of the kubeconfig',
  remedy: 'Get a new kubeconfig for this user: its certificate has expired or is of another cluster.',
};
const NO_TLS: TlsFailure = {
  words: 'what answers there speaks no TLS',
  remedy: 'Check the port and the scheme of the server in the kubeconfig, and the proxy before it.',
};

/** By Node's code, as far as the code begins so. Each is named as what it is (issue 11); no try will change it. */
const FAILURES: readonly (readonly [code: RegExp, failure: TlsFailure])[] = [
  [
    /^CERT_HAS_EXPIRED$/,
    {
      words: "the server's certificate, or that of its authority, has expired",
      remedy:
        "Renew the API server's certificate (kubeadm: `kubeadm certs renew apiserver`; k3s: restart it), or check the runner's clock.",
    },
  ],
  [
    /^CERT_NOT_YET_VALID$/,
    {
      words: "the server's certificate is not valid yet",
      remedy: "Check the runner's clock, and the server's.",
    },
  ],
  [
    /^(ERR_TLS_CERT_ALTNAME_|HOSTNAME_MISMATCH)/,
    {
      words: "the server's certificate is for another host name than the kubeconfig's server",
      remedy: 'Use a name that the certificate has, or give it as tls-server-name in the kubeconfig.',
    },
  ],
  [
    /^ERR_SSL_(SSLV3_ALERT_(BAD_CERTIFICATE|CERTIFICATE_|UNSUPPORTED_CERTIFICATE)|TLSV1_ALERT_(UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)|TLSV13_ALERT_CERTIFICATE_REQUIRED)/,
    CLIENT,
  ],
  [
    /^(EPROTO$|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE))/,
    NO_TLS,
  ],
  [
    /^ERR_SSL_(TLSV1_ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|SSLV3_ALERT_HANDSHAKE_FAILURE|NO_)/,
    {
      words: 'server and runner have no TLS version or cipher in common',
      remedy: 'The server must speak TLS 1.2 or newer.',
    },
  ],
  [/^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY)_|ERR_TLS_CERT_|INVALID_CA|ERR_SSL_)/, AUTHORITY],
];

/**
 * What a code of Node's says of a TLS connection; undefined where it is none of TLS.
 *
 * @param named whether the kubeconfig names an authority
 */
export function tlsFailure(code: string, named: boolean): TlsFailure | undefined {
  const failure = FAILURES.find(([pattern]) => pattern.test(code))?.[1];
  return failure === AUTHORITY && !named ? UNKNOWN : failure;
}

/** Whether a code of Node's says that nobody who is trusted vouches for the certificate, be it whole and in its time. */
export function isUnknownAuthority(code: string): boolean {
  return /^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY)_|CERT_UNTRUSTED$|INVALID_CA$)/.test(code);
}
