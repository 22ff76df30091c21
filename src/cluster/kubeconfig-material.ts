import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Flaw } from './kubeconfig-error.ts';
import type { Entry } from './kubeconfig-file.ts';
import { text } from './kubeconfig-rules.ts';
import { isSendable } from './token.ts';

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
/** Keys that Go's tls.X509KeyPair takes. */
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1', 'secp224r1'];
const AUTHORITY = {
  remedy: 'It should be base64 of PEM (-----BEGIN CERTIFICATE-----).',
};

/**
 * What is wrong with the certificates and keys of a kubeconfig, in client-go's words where it would refuse them, before
 * any request: files that are not there, what is no PEM, a key of another certificate, a certificate that has expired.
 *
 * @param now milliseconds since 1970
 */
export function materialFlaws(
  cluster: { readonly name: string; readonly entry: Entry },
  user: { readonly name: string; readonly entry: Entry },
  now: number,
): Flaw[] {
  const of = (what: string, entry: Entry, key: string): Material => materialOf(what, entry, key);
  const authority = of(`cluster "${cluster.name}"`, cluster.entry, 'certificate-authority');
  const certificate = of(`user "${user.name}"`, user.entry, 'client-certificate');
  const key = of(`user "${user.name}"`, user.entry, 'client-key');
  return [
    ...(authority.flaw === undefined ? authorityFlaws(authority) : [authority.flaw]),
    // A token beside it is taken where the file can't be.
    ...(text(user.entry, 'token') === ''
      ? tokenFileFlaws(of(`user "${user.name}"`, user.entry, 'tokenFile'))
      : []),
    ...(certificate.pem === undefined && certificate.flaw === undefined
      ? []
      : [certificate, key].flatMap(({ flaw }) => flaw ?? [])),
    ...(certificate.pem === undefined || key.pem === undefined
      ? []
      : pairFlaws(
          { ...certificate, pem: certificate.pem },
          { ...key, pem: key.pem },
          `user "${user.name}"`,
          now,
        )),
  ];
}

interface Material {
  readonly field: string;
  readonly pem?: string;
  readonly flaw?: Flaw;
}

function materialOf(what: string, entry: Entry, key: string): Material {
  const data = text(entry, `${key}-data`);
  if (data !== '')
    return { field: `${what}, ${key}-data`, pem: Buffer.from(data, 'base64').toString('latin1') };
  const path = text(entry, key);
  const field = `${what}, ${key}`;
  if (path === '') return { field };
  try {
    return { field, pem: readFileSync(path, 'latin1') };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return { field, flaw: fileFlaw(field, path, code) };
  }
}

/** A path that leads nowhere is most often one of the machine where the kubeconfig was made (K04). */
function fileFlaw(field: string, path: string, code: string): Flaw {
  return {
    field,
    words: `unable to read ${path} (${code})`,
    remedy:
      'It is a file of another machine: make the kubeconfig with `kubectl config view --raw --flatten`, which takes the content in. A relative path is taken from the workspace.',
  };
}

/** client-go takes the white space around a token away, and sends the rest as it is. */
function tokenFileFlaws({ field, pem = '', flaw }: Material): Flaw[] {
  if (flaw !== undefined) return [flaw];
  return isSendable(pem.trim())
    ? []
    : [
        {
          field,
          words: 'net/http: invalid header field value for "Authorization"',
          remedy: 'The file should hold a token and nothing else.',
        },
      ];
}

function authorityFlaws({ field, pem }: Material): Flaw[] {
  if (pem === undefined || certificatesIn(pem).length > 0) return [];
  return [
    {
      field,
      words: 'unable to load root certificates: unable to parse bytes as PEM block',
      ...AUTHORITY,
    },
  ];
}

function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(CERTIFICATES) ?? []).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

type Held = Material & { readonly pem: string };

function pairFlaws(certificate: Held, key: Held, what: string, now: number): Flaw[] {
  const [leaf] = certificatesIn(certificate.pem.match(CERTIFICATES)?.[0] ?? '');
  if (leaf === undefined) {
    return [
      {
        field: certificate.field,
        words: certificate.pem.includes('PRIVATE KEY-----')
          ? 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
          : 'tls: failed to find any PEM data in certificate input',
        ...AUTHORITY,
      },
    ];
  }
  const privateKey = keyIn(key.pem);
  if (privateKey === undefined) {
    return [
      {
        field: key.field,
        words:
          'tls: failed to find any PEM data in key input, or the key is encrypted or of a kind not known',
        remedy: 'It should be base64 of a private key as PEM, without a passphrase.',
      },
    ];
  }
  if (!leaf.checkPrivateKey(privateKey)) {
    return [{ field: what, words: 'tls: private key does not match public key' }];
  }
  return periodFlaws(certificate.field, leaf, now);
}

function keyIn(pem: string): ReturnType<typeof createPrivateKey> | undefined {
  try {
    const key = createPrivateKey(pem);
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
    const known =
      type === 'rsa' || type === 'ed25519' || (type === 'ec' && CURVES.includes(details?.namedCurve ?? ''));
    return known ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The server would only say Unauthorized: the date is in our hands, so it is told at once. */
function periodFlaws(field: string, { validFromDate, validToDate }: X509Certificate, now: number): Flaw[] {
  const [from, to] = [validFromDate, validToDate];
  if (to.getTime() < now) {
    return [
      {
        field,
        words: `the client certificate has expired on ${day(to)}`,
        remedy: 'Get a new kubeconfig for this user, and store it.',
      },
    ];
  }
  if (from.getTime() > now) {
    return [
      {
        field,
        words: `the client certificate is good only from ${from.toISOString()} on`,
        remedy: "Check the runner's clock.",
      },
    ];
  }
  return [];
}

function day(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
