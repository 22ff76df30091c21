import type { OutgoingHttpHeaders } from 'node:http';
import type { Entry } from './kubeconfig-file.ts';
import { text } from './kubeconfig-rules.ts';

/** Whom a user of a kubeconfig acts as. */
export interface ActsAs {
  readonly user: string;
  /** Empty: none. */
  readonly uid: string;
  readonly groups: readonly string[];
}

/** Whom this user acts as; undefined: as themselves. */
export function actsAs(user: Entry): ActsAs | undefined {
  const name = text(user, 'as');
  const groups = user['as-groups'];
  if (name === '') return undefined;
  return {
    user: name,
    uid: text(user, 'as-uid'),
    groups: Array.isArray(groups) ? groups.map((group) => (typeof group === 'string' ? group : '')) : [],
  };
}

/**
 * The headers by which a user acts as another, as client-go sends them (K02). client-node knows the user alone, without
 * groups, and would act as somebody else than istioctl.
 */
export function impersonationHeaders(acting: ActsAs | undefined): OutgoingHttpHeaders {
  if (acting === undefined) return {};
  const { user, uid, groups } = acting;
  return {
    'Impersonate-User': bytes(user),
    ...(uid === '' ? {} : { 'Impersonate-Uid': bytes(uid) }),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups.map(bytes) }),
  };
}

/** Node writes the characters of a header as bytes; client-go writes UTF-8. */
function bytes(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}
