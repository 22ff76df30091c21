import { KubeConfig } from '@kubernetes/client-node';
import { type CommandRunner, processRunner } from '../process/command.ts';
import { type Authenticator, asUser, outsideCredential } from './authenticator.ts';
import { providerFlaws, withIdToken } from './id-token.ts';
import { type ActsAs, actsAs, impersonationHeaders } from './impersonation.ts';
import { KubeconfigError, refuseFlawed } from './kubeconfig-error.ts';
import { type Entry, parseKubeconfig } from './kubeconfig-file.ts';
import { materialFlaws } from './kubeconfig-material.ts';
import { mistakesIn } from './kubeconfig-mistakes.ts';
import { clusterFlaws, isSecure, proxyFlaw, text as textOf, userFlaws } from './kubeconfig-rules.ts';
import { narrow, withIdentity } from './narrow.ts';
import { proxyFor } from './proxy.ts';
import { withPlainScheme } from './server.ts';

export { KubeconfigError } from './kubeconfig-error.ts';

/** Which cluster a kubeconfig leads to, and as whom: what is printed before anything else. */
export interface Destination {
  readonly context: string;
  readonly server: string;
  readonly user: string;
  /** Whether the server's certificate is left unchecked (`insecure-skip-tls-verify`). */
  readonly skipsVerification: boolean;
}

/** A kubeconfig narrowed to the one context that is used. */
export interface Kubeconfig {
  readonly destination: Destination;
  /** For the API client. */
  readonly config: KubeConfig;
  /** The same without what it remembers, because the server did not take it: tokens of plugins, of files, connections. */
  readonly renewed: () => KubeConfig;
  /** The same as text (JSON, which is YAML), for istioctl. A secret. */
  readonly text: string;
  /** The proxy before the server, from `proxy-url` or the environment. */
  readonly proxy: string | undefined;
  /** Whom we act as; istioctl does not read that in a kubeconfig. */
  readonly actsAs: ActsAs | undefined;
  /** The same as text, through another proxy. A secret. */
  readonly through: (proxy: string) => string;
  /** The same as text, for a server that says itself who asks: without credential. A secret, if the URL is one. */
  readonly at: (server: string) => string;
}

/** What a kubeconfig is read with. */
export interface KubeconfigOptions {
  /** Where relative paths in it start: a kubeconfig from a secret lies nowhere, so the workspace. */
  readonly directory?: string;
  readonly runner?: CommandRunner;
  /** Told each token and key that a plugin or a file gives while the run lasts, before it is used: to be masked. */
  readonly onSecret?: (secret: string) => void;
  /** Milliseconds since 1970: certificates have a date. */
  readonly now?: number;
}

/**
 * Reads a kubeconfig and picks its context. What client-go would refuse is refused here, in its words and with the field's
 * name, before anything is asked: istioctl reads the same text with client-go (K02).
 *
 * @param text YAML or JSON, decoded
 * @param context name of the context; empty for the current one
 * @param environment for proxies: client-node knows `proxy-url` only, and istioctl must go the same way; and for
 * exec plugins
 * @throws KubeconfigError naming what is missing, and what there is instead
 */
export function readKubeconfig(
  text: string,
  context: string,
  environment: NodeJS.ProcessEnv = {},
  { directory = process.cwd(), runner = processRunner, onSecret, now = Date.now() }: KubeconfigOptions = {},
): Kubeconfig {
  const { name, chosen, cluster: written, user: named } = narrow(parseKubeconfig(text), context, directory);
  const cluster = { ...written, entry: withPlainSchemes(written.entry) };
  const user = { ...named, entry: withIdToken(named.entry, now) };
  const secure = isSecure(cluster.entry);
  refuseFlawed([
    ...mistakesIn(`cluster "${cluster.name}"`, cluster.entry),
    ...mistakesIn(`user "${user.name}"`, user.entry),
  ]);
  refuseFlawed([
    ...clusterFlaws(cluster.name, cluster.entry),
    ...userFlaws(user.name, user.entry, secure),
    ...providerFlaws(user.name, user.entry),
    ...(secure ? materialFlaws(cluster, user, now) : []),
  ]);
  const server = cluster.entry.server as string;
  const proxy = textOf(cluster.entry, 'proxy-url') || proxyOf(server, environment);
  const shown = withIdentity(user.entry, environment);
  const by = (url: string | undefined, entry = cluster.entry): Entry =>
    url === undefined ? entry : { ...entry, 'proxy-url': url };
  const write = (to: Entry, as: Entry): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      contexts: [{ name, context: chosen }],
      clusters: [{ name: cluster.name, cluster: to }],
      users: [{ name: user.name, user: as }],
    });
  const outside = secure
    ? outsideCredential(shown, { runner, env: environment, cluster: cluster.entry, onSecret })
    : undefined;
  const acting = actsAs(user.entry);
  const identity = asUser(impersonationHeaders(acting), outside);
  const ours = secure ? withoutOutside(user.entry) : {};
  const reached = secure ? cluster.entry : plain(cluster.entry);
  const config = (): KubeConfig => load(write(by(proxy, reached), ours), name, identity);
  return {
    destination: {
      context: name,
      server,
      user: user.name,
      skipsVerification: cluster.entry['insecure-skip-tls-verify'] === true,
    },
    config: config(),
    renewed: () => {
      outside?.forget();
      return config();
    },
    text: write(by(proxy), shown),
    proxy,
    actsAs: acting,
    through: (url) => write(by(url), shown),
    at: (url) => write({ server: url }, {}),
  };
}

/** A cluster whose URLs have their schemes in small letters. */
function withPlainSchemes(cluster: Entry): Entry {
  const urls = ['server', 'proxy-url'].filter((key) => textOf(cluster, key) !== '');
  return {
    ...cluster,
    ...Object.fromEntries(urls.map((key) => [key, withPlainScheme(textOf(cluster, key))])),
  };
}

/**
 * A cluster without TLS as client-node takes it: only with `insecure-skip-tls-verify`, by which it is asked for as by
 * client-go, which reads nothing of TLS there. What such a way is worth is told by `insecureTransport` (issue 12).
 */
function plain(cluster: Entry): Entry {
  const left = Object.entries(cluster).filter(([key]) => !key.startsWith('certificate-authority'));
  return { ...Object.fromEntries(left), 'insecure-skip-tls-verify': true };
}

/** The environment's proxy, which is read as strictly as the kubeconfig's. */
function proxyOf(server: string, environment: NodeJS.ProcessEnv): string | undefined {
  const named = proxyFor(server, environment);
  const proxy = named === undefined ? undefined : withPlainScheme(named);
  const flaw = proxy === undefined ? undefined : proxyFlaw(proxy);
  if (flaw !== undefined) {
    throw new KubeconfigError(
      `the proxy that the environment names (HTTPS_PROXY or HTTP_PROXY) can't be used: ${flaw}`,
    );
  }
  return proxy;
}

function load(text: string, context: string, identity: Authenticator): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
  } catch {
    // The library's message may quote what it could not read.
    throw new KubeconfigError(`the kubeconfig's entries for context "${context}" can't be read`);
  }
  config.addAuthenticator(identity);
  return config;
}

/**
 * Without what {@link outsideCredential} and {@link asUser} do, and what client-go does not look at: a token beside a file
 * with one, a key without its certificate.
 */
function withoutOutside(user: Entry): Entry {
  const has = (...keys: readonly string[]): boolean => keys.some((key) => textOf(user, key) !== '');
  const goes = [
    'exec',
    'tokenFile',
    ...(has('tokenFile') ? ['token'] : []),
    ...(has('client-certificate', 'client-certificate-data') ? [] : ['client-key', 'client-key-data']),
  ];
  return Object.fromEntries(
    Object.entries(user).filter(([key]) => !goes.includes(key) && !key.startsWith('as')),
  );
}
