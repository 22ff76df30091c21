import type { OutgoingHttpHeaders } from 'node:http';
import type { Entry } from './kubeconfig-file.ts';
import { text } from './kubeconfig-rules.ts';

/** Whom a user of a kubeconfig acts as. */
export interface ActsAs {
  readonly user: string;
  /** Empty: none. */
  readonly uid: string;
  readonly groups: readonly string[];
  /** Extra fields by name, each with its values. */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Whom this user acts as; undefined: as themselves. */
export function actsAs(user: Entry): ActsAs | undefined {
  const name = text(user, 'as');
  if (name === '') return undefined;
  return {
    user: name,
    uid: text(user, 'as-uid'),
    groups: texts(user['as-groups']),
    extra: Object.fromEntries(
      Object.entries(user['as-user-extra'] ?? {}).map(([key, values]) => [key, texts(values)]),
    ),
  };
}

/** A list of texts; null in it is an empty one, as client-go has it. */
function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.map((item) => (typeof item === 'string' ? item : '')) : [];
}

/** Whether istioctl can be told by flags: it has none for extra fields, and reads none of it in a kubeconfig (K02). */
export function fitsFlags(acting: ActsAs | undefined): boolean {
  return Object.values(acting?.extra ?? {}).every((values) => values.length === 0);
}

/**
 * The headers by which a user acts as another, as client-go sends them (K02). client-node knows the user alone, without
 * groups and extra, and would act as somebody else than istioctl.
 */
export function impersonationHeaders(acting: ActsAs | undefined): OutgoingHttpHeaders {
  if (acting === undefined) return {};
  const { user, uid, groups, extra } = acting;
  const byHeader = new Map<string, string[]>();
  for (const [key, values] of Object.entries(extra)) {
    const name = `Impersonate-Extra-${headerKey(key)}`;
    if (values.length > 0) byHeader.set(name, [...(byHeader.get(name) ?? []), ...values.map(bytes)]);
  }
  return {
    'Impersonate-User': bytes(user),
    ...(uid === '' ? {} : { 'Impersonate-Uid': bytes(uid) }),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups.map(bytes) }),
    ...Object.fromEntries(byHeader),
  };
}

/**
 * The name of an extra field as a part of a header's name: what may not stand there as `%2F` (headerKeyEscape of client-go's
 * transport/round_trippers.go). In small letters, as the server reads it: two keys that differ in case are one.
 */
function headerKey(key: string): string {
  return [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[!#$&'*+.^_`|~0-9A-Za-z-]/.test(letter)
        ? letter.toLowerCase()
        : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`;
    })
    .join('');
}

/** Node writes the characters of a header as bytes; client-go writes UTF-8. */
function bytes(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}
