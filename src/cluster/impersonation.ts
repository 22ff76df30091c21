import type { OutgoingHttpHeaders } from 'node:http';
import type { Entry } from './kubeconfig-file.ts';
import { text } from './kubeconfig-rules.ts';

/** Bytes of a header's name (RFC 9110) but for the percent sign, which begins an escape. */
const TOKEN_BYTE = /[A-Za-z0-9!#$&'*+.^_`|~-]/;

/**
 * The headers that make a user act as another, as client-go sends them (K02): user, uid, groups, and extra values whose
 * keys are written in lower case and escaped. client-node knows the user alone, and would act as somebody else than istioctl.
 */
export function impersonationHeaders(user: Entry): OutgoingHttpHeaders {
  if (text(user, 'as') === '') return {};
  const groups = listOf(user['as-groups']);
  const uid = text(user, 'as-uid');
  const extra = Object.entries((user['as-user-extra'] ?? {}) as Readonly<Record<string, unknown>>);
  return {
    'Impersonate-User': bytes(text(user, 'as')),
    ...(uid === '' ? {} : { 'Impersonate-Uid': bytes(uid) }),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
    ...Object.fromEntries(
      extra.map(([key, values]) => [`Impersonate-Extra-${escaped(key)}`, listOf(values)]),
    ),
  };
}

/** Node writes the characters of a header as bytes; client-go writes UTF-8. */
function bytes(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map((item) => (typeof item === 'string' ? bytes(item) : '')) : [];
}

function escaped(key: string): string {
  return [...Buffer.from(key.toLowerCase(), 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return TOKEN_BYTE.test(char) ? char : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`;
    })
    .join('');
}
