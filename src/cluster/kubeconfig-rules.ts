import type { ExecConfig } from './exec-plugin.ts';
import type { Flaw } from './kubeconfig-error.ts';
import type { Entry } from './kubeconfig-file.ts';
import { flawOfServer, hasBadEscape } from './server.ts';
import { isSendable } from './token.ts';

const API = 'client.authentication.k8s.io';

/** What a text field holds; a missing one is empty, as client-go has it. */
export function text(entry: Entry, key: string): string {
  const value = entry[key];
  return typeof value === 'string' ? value : '';
}

/** Whether any of the fields holds something. */
function has(entry: Entry, ...keys: readonly string[]): boolean {
  return keys.some((key) => text(entry, key) !== '');
}

/** Whether the server is spoken to by TLS: without it client-go shows no credential, and neither do we. */
export function isSecure(cluster: Entry): boolean {
  return /^https:/i.test(text(cluster, 'server'));
}

/**
 * What client-go refuses of a cluster, in its words (validateClusterInfo of tools/clientcmd/validation.go, TLSConfigFor
 * of transport/transport.go), and a server or a proxy that leads nowhere.
 */
export function clusterFlaws(name: string, cluster: Entry): Flaw[] {
  const what = `cluster "${name}"`;
  const flaws: Flaw[] = [];
  const server = text(cluster, 'server');
  if (server === '') flaws.push({ field: `${what}, server`, words: `no server found for cluster "${name}"` });
  const flaw = server === '' ? undefined : flawOfServer(server);
  if (flaw !== undefined) {
    flaws.push({
      field: `${what}, server`,
      words: flaw,
      remedy: 'It is written like https://api.example.com:6443.',
    });
  }
  const proxy = proxyFlaw(text(cluster, 'proxy-url'));
  if (proxy !== undefined) flaws.push({ field: `${what}, proxy-url`, words: proxy });
  if (has(cluster, 'certificate-authority') && has(cluster, 'certificate-authority-data')) {
    flaws.push({
      field: `${what}, certificate-authority`,
      words: `certificate-authority-data and certificate-authority are both specified for ${name}`,
      remedy: 'Keep one of them.',
    });
  }
  const authority = has(cluster, 'certificate-authority', 'certificate-authority-data');
  if (isSecure(cluster) && cluster['insecure-skip-tls-verify'] === true && authority) {
    flaws.push({
      field: `${what}, insecure-skip-tls-verify`,
      words: 'specifying a root certificates file with the insecure flag is not allowed',
      remedy: 'Take insecure-skip-tls-verify out, or the authority beside it.',
    });
  }
  return flaws;
}

/** What is wrong with the URL of a proxy, in client-go's words where it would refuse it. */
export function proxyFlaw(url: string): string | undefined {
  if (url === '') return undefined;
  const scheme = /^(?<scheme>[a-z][a-z0-9+.-]*):/i.exec(url)?.groups?.scheme?.toLowerCase() ?? '';
  if (!['http', 'https', 'socks5'].includes(scheme)) {
    return `unsupported scheme "${scheme}", must be http, https, or socks5`;
  }
  // Go reads user information by stricter rules than `URL` does, and what it does not read it refuses.
  const { user = '' } = /^[^:]+:\/\/(?:(?<user>[^/?#]*)@)?[^/?#@]+/.exec(url)?.groups ?? {};
  const readable =
    URL.canParse(url) && new URL(url).hostname !== '' && !/[\s\\<>"{}|^`]/.test(url) && !hasBadEscape(url);
  return readable && /^[\w.~!$&'()*+,;=:%@-]*$/.test(user) && isDecodable(user)
    ? undefined
    : 'it is no URL that can be read';
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * What client-go refuses of a user, in its words (validateAuthInfo of tools/clientcmd/validation.go, exec.go of
 * plugin/pkg/client/auth, HTTPWrappersForConfig of transport).
 *
 * @param secure whether the server is spoken to by TLS
 */
export function userFlaws(name: string, user: Entry, secure: boolean): Flaw[] {
  const what = `user "${name}"`;
  return [
    ...methodFlaws(name, user).map((words) => ({ field: what, words })),
    ...identityFlaws(name, user),
    ...(user.exec === undefined ? [] : execFlaws(name, user.exec as ExecConfig)),
    ...(secure && !isSomebody(user)
      ? [
          {
            field: what,
            words: 'it holds no credential: no token, certificate, username or exec plugin',
            remedy:
              'Make the kubeconfig with `kubectl config view --raw --flatten`, or give the user a credential.',
          },
        ]
      : []),
  ];
}

/** A password without a username is nobody's (canIdentifyUser of tools/clientcmd/client_config.go). */
function isSomebody(user: Entry): boolean {
  return (
    has(user, 'token', 'tokenFile', 'username', 'client-certificate', 'client-certificate-data') ||
    (user.exec ?? user['auth-provider']) !== undefined
  );
}

function methodFlaws(name: string, user: Entry): string[] {
  const flaws: string[] = [];
  const basic = has(user, 'username', 'password');
  if (basic && has(user, 'token')) {
    flaws.push(
      `more than one authentication method found for ${name}; found [token basicAuth], only one is allowed`,
    );
  } else if (basic && has(user, 'tokenFile')) {
    flaws.push('username/password or bearer token may be set, but not both');
  }
  if (has(user, 'client-certificate', 'client-certificate-data')) {
    if (has(user, 'client-certificate') && has(user, 'client-certificate-data')) {
      flaws.push(`client-cert-data and client-cert are both specified for ${name}`);
    }
    if (has(user, 'client-key') && has(user, 'client-key-data')) {
      flaws.push(`client-key-data and client-key are both specified for ${name}`);
    }
    if (!has(user, 'client-key', 'client-key-data')) {
      flaws.push(
        `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method`,
      );
    }
  }
  if (!isSendable(text(user, 'token'))) {
    flaws.push('the token holds a line break or another character that no HTTP header may');
  }
  return flaws;
}

const CONTROL = /[\u0000-\u001f\u007f]/;

function identityFlaws(name: string, user: Entry): Flaw[] {
  const more = [user['as-groups'], user['as-user-extra']].some(
    (value) => typeof value === 'object' && value !== null && Object.keys(value).length > 0,
  );
  const field = `user "${name}", as`;
  if (more || has(user, 'as', 'as-uid')) {
    if (!has(user, 'as')) {
      return [
        {
          field,
          words: `requesting uid, groups or user-extra for ${name} without impersonating a user`,
          remedy: 'Add the user to act as, or take the others out.',
        },
      ];
    }
    const spoken: unknown[] = [user.as, user['as-uid'], user['as-groups']].flat();
    for (const values of Object.values(user['as-user-extra'] ?? {}))
      spoken.push(...((values ?? []) as unknown[]));
    if (spoken.some((item) => typeof item === 'string' && CONTROL.test(item))) {
      return [
        { field, words: 'a line break or another control character is in it, which no HTTP header may hold' },
      ];
    }
  }
  return [];
}

/** Modes that work where nobody sits at a terminal. */
const UNATTENDED = ['Never', 'IfAvailable'];

function execFlaws(name: string, exec: ExecConfig): Flaw[] {
  const field = (key: string): string => `user "${name}", exec.${key}`;
  const needed = (what: string): string =>
    `${what} must be specified for ${name} to use exec authentication plugin`;
  const { apiVersion = '', command = '', interactiveMode = '' } = exec;
  const flaws: Flaw[] = [];
  if (command === '') flaws.push({ field: field('command'), words: needed('command') });
  if (apiVersion === '') flaws.push({ field: field('apiVersion'), words: needed('apiVersion') });
  else if (apiVersion !== `${API}/v1` && apiVersion !== `${API}/v1beta1`) {
    flaws.push({
      field: field('apiVersion'),
      words: `exec plugin: invalid apiVersion "${apiVersion}"`,
      remedy: `Write ${API}/v1beta1, and use a plugin that answers it: \`aws eks update-kubeconfig\` of a current AWS CLI writes such a kubeconfig.`,
    });
  }
  if ((exec.env ?? []).some((item) => ((item as { name?: string }).name ?? '') === '')) {
    flaws.push({ field: field('env'), words: needed('env variable name') });
  }
  // v1 has no default; v1beta1 takes IfAvailable.
  if (interactiveMode === '' && apiVersion === `${API}/v1`) {
    flaws.push({
      field: field('interactiveMode'),
      words: needed('interactiveMode'),
      remedy: 'Add interactiveMode: Never.',
    });
  } else if (interactiveMode === 'Always') {
    flaws.push({
      field: field('interactiveMode'),
      words: 'exec plugin cannot support interactive mode: standard input is not a terminal',
      remedy: 'Use a credential that needs nobody at a keyboard.',
    });
  } else if (interactiveMode !== '' && !UNATTENDED.includes(interactiveMode)) {
    flaws.push({
      field: field('interactiveMode'),
      words: `invalid interactiveMode for ${name}: "${interactiveMode}"`,
      remedy: 'Write Never.',
    });
  }
  return flaws;
}
