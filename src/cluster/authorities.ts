import { getCACertificates } from 'node:tls';

/** Whom kubectl and curl trust on this machine: the system's store, beside Node's own list and `NODE_EXTRA_CA_CERTS`. */
export function authorities(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}
