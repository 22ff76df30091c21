import type { IncomingMessage } from 'node:http';
import { MASTERS, type User } from './rbac.ts';
import { Refusal } from './refusal.ts';

/** The extra field, and the value in it, without which whoever is acted as may nothing: as scopes on OpenShift. */
const SCOPE = { header: 'impersonate-extra-scopes', full: 'everything' } as const;

/**
 * Whom a request acts as: whom its headers name, else who asks. Only an administrator may act as somebody else.
 *
 * @throws Refusal
 */
export function actingAs(user: User | undefined, { headersDistinct }: IncomingMessage): User | undefined {
  const all = (name: string): readonly string[] => headersDistinct[name] ?? [];
  const [name] = all('impersonate-user');
  if (user === undefined || name === undefined) return user;
  if (!user.groups.includes(MASTERS)) {
    throw new Refusal(
      403,
      'Forbidden',
      `users "${name}" is forbidden: User "${user.name}" cannot impersonate`,
    );
  }
  const full = all(SCOPE.header).includes(SCOPE.full);
  return { name, groups: [...all('impersonate-group'), ...(full ? [MASTERS] : [])] };
}
