import type { Flaw } from './kubeconfig-error.ts';
import type { Entry } from './kubeconfig-file.ts';
import { text } from './kubeconfig-rules.ts';

/** What replaces each auth provider. None is run, least of all a command that one names (K03). */
const INSTEAD: Readonly<Record<string, string>> = {
  gcp: 'Use the gke-gcloud-auth-plugin: `gcloud container clusters get-credentials` of a current gcloud writes such a kubeconfig.',
  azure: 'Use kubelogin: `kubelogin convert-kubeconfig -l workloadidentity` (or spn, azurecli) rewrites it.',
};
const OIDC =
  'Use an exec plugin such as kubelogin (`kubectl oidc-login`), a token of a service account, or a kubeconfig of a new login.';

/**
 * A user of the auth provider `oidc` whose token is still good is one with a token: so it is the same for istioctl, and
 * nobody renews it, which would take a refresh token away from the other. Anybody else stays as they are.
 *
 * @param now milliseconds since 1970
 */
export function withIdToken(user: Entry, now: number): Entry {
  const provider = (user['auth-provider'] ?? undefined) as Entry | undefined;
  if (provider === undefined || text(provider, 'name') !== 'oidc') return user;
  const config = (provider.config ?? {}) as Entry;
  const token = text(config, 'id-token');
  const known = text(config, 'client-id') !== '' && text(config, 'idp-issuer-url') !== '';
  if (!known || !(expiryOf(token) > now)) return user;
  const rest = Object.fromEntries(Object.entries(user).filter(([key]) => key !== 'auth-provider'));
  return text(user, 'token') === '' ? { ...rest, token } : rest;
}

/** When a JSON Web Token ends, in milliseconds since 1970; NaN where it can't be read, or does not say. */
function expiryOf(token: string): number {
  const [, payload = '', signature] = token.split('.');
  if (signature === undefined) return NaN;
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : NaN;
  } catch {
    return NaN;
  }
}

/** A user whose auth provider is left after {@link withIdToken}: client-go has given up all but oidc in 1.26. */
export function providerFlaws(name: string, user: Entry): Flaw[] {
  const provider = (user['auth-provider'] ?? undefined) as Entry | undefined;
  if (provider === undefined) return [];
  const kind = text(provider, 'name');
  return [
    kind === 'oidc'
      ? {
          field: `user "${name}", auth-provider`,
          words:
            'its id-token is missing or has expired, and it is not renewed here: that would take the refresh token away from istioctl, and from the next run',
          remedy: OIDC,
        }
      : {
          field: `user "${name}", auth-provider`,
          words: `the ${kind} auth plugin has been removed from client-go (Kubernetes 1.26); it is not run`,
          remedy: INSTEAD[kind] ?? 'Use an exec plugin or a token.',
        },
  ];
}
