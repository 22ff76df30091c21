import { type KeyObject, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate and its key, as PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Whom a certificate names. */
export interface Subject {
  readonly name: string;
  /** Kubernetes' group of a user. */
  readonly group?: string;
  /** Names and IPv4 addresses of a server. */
  readonly hosts?: readonly string[];
  /** First and last moment, in milliseconds since 1970; a day from now where it does not say. */
  readonly period?: readonly [from: number, to: number];
}

/**
 * Makes certificates for servers and users of tests: Node can read X.509 but not write it, and the packages that can
 * bring a score of others.
 */
export interface Authority {
  /** Its own certificate, as PEM: what clients must trust. */
  readonly cert: string;
  issue(subject: Subject): KeyPair;
}

/** A new authority, good for a day. */
export function createAuthority(name: string): Authority {
  const { publicKey, privateKey } = newKey();
  const cert = certificate({ name }, publicKey, name, privateKey, [CA]);
  return {
    cert,
    issue: (subject) => {
      const own = newKey();
      return {
        cert: certificate(subject, own.publicKey, name, privateKey, sans(subject.hosts ?? [])),
        key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      };
    },
  };
}

const DAY_MS = 86_400_000;

function newKey(): { publicKey: Buffer; privateKey: KeyObject } {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: pair.publicKey, privateKey: createPrivateKey(pair.privateKey) };
}

/** RFC 5280, section 4.1. */
function certificate(
  subject: Subject,
  publicKey: Buffer,
  issuer: string,
  signer: KeyObject,
  extensions: readonly Buffer[],
): string {
  const algorithm = sequence(oid('2a8648ce3d040302')); // ecdsa-with-SHA256
  const now = Date.now();
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // v3
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName({ name: issuer }),
    sequence(...(subject.period ?? [now - DAY_MS / 24, now + DAY_MS]).map(time)),
    distinguishedName(subject),
    publicKey,
    ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  );
  const signature = sign('sha256', body, { key: signer, dsaEncoding: 'der' });
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** basicConstraints, critical: an authority. */
const CA = sequence(
  oid('551d13'),
  der(0x01, Buffer.from([0xff])),
  der(0x04, sequence(der(0x01, Buffer.from([0xff])))),
);

/** subjectAltName. */
function sans(hosts: readonly string[]): Buffer[] {
  if (hosts.length === 0) return [];
  const names = hosts.map((host) =>
    isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host)),
  );
  return [sequence(oid('551d11'), der(0x04, sequence(...names)))];
}

function distinguishedName({ name, group }: Subject): Buffer {
  const part = (type: string, value: string): Buffer =>
    der(0x31, sequence(oid(type), der(0x0c, Buffer.from(value))));
  return sequence(...(group === undefined ? [] : [part('55040a', group)]), part('550403', name));
}

function time(at: number): Buffer {
  const text = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(text.slice(2)));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** An object identifier, already encoded. */
function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

/** Tag, length, value (X.690). */
function der(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}
