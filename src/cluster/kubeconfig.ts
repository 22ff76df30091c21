import { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';

/** The kubeconfig can't be used as it is. The text never holds anything of its content but names. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

/** Which cluster a kubeconfig leads to, and as whom: what is printed before anything else. */
export interface Destination {
  readonly context: string;
  readonly server: string;
  readonly user: string;
}

/** A kubeconfig narrowed to the one context that is used. */
export interface Kubeconfig {
  readonly destination: Destination;
  /** For the API client. */
  readonly config: KubeConfig;
  /** The same as text (JSON, which is YAML), for istioctl. A secret. */
  readonly text: string;
  /** The proxy before the server, from `proxy-url` or the environment. */
  readonly proxy: string | undefined;
  /** The same as text, through another proxy. A secret. */
  readonly through: (proxy: string) => string;
}

interface Named {
  readonly name?: string;
}

interface KubeconfigFile {
  readonly clusters?: readonly (Named & { readonly cluster?: Record<string, unknown> })[];
  readonly users?: readonly (Named & { readonly user?: Record<string, unknown> })[];
  readonly contexts?: readonly (Named & {
    readonly context?: { readonly cluster?: string; readonly user?: string; readonly namespace?: string };
  })[];
  readonly 'current-context'?: string;
}

/**
 * Reads a kubeconfig and picks its context.
 *
 * @param text YAML or JSON, decoded
 * @param context name of the context; empty for the current one
 * @param environment for proxies: client-node knows `proxy-url` only, and istioctl must go the same way
 * @throws KubeconfigError naming what is missing, and what there is instead
 */
export function readKubeconfig(
  text: string,
  context: string,
  environment: NodeJS.ProcessEnv = {},
): Kubeconfig {
  const file = parseFile(text);
  const wanted = context === '' ? file['current-context'] : context;
  const names = (file.contexts ?? []).map((entry) => entry.name ?? '');
  if (wanted === undefined || wanted === '') {
    throw new KubeconfigError(
      `the kubeconfig has no current context: name one with the input context (there are: ${list(names)})`,
    );
  }
  const chosen = file.contexts?.find((entry) => entry.name === wanted)?.context;
  if (chosen === undefined) {
    throw new KubeconfigError(
      `the kubeconfig has no context "${wanted}": there are ${list(names)}. Correct the input context, or the secret`,
    );
  }
  const cluster = file.clusters?.find((entry) => entry.name === chosen.cluster)?.cluster;
  if (cluster === undefined || typeof cluster.server !== 'string') {
    throw new KubeconfigError(
      `context "${wanted}" names cluster "${chosen.cluster ?? ''}", which the kubeconfig does not describe`,
    );
  }
  const user = file.users?.find((entry) => entry.name === chosen.user)?.user;
  if (user === undefined) {
    throw new KubeconfigError(
      `context "${wanted}" names user "${chosen.user ?? ''}", which the kubeconfig does not describe`,
    );
  }
  const own = cluster['proxy-url'];
  const proxy = typeof own === 'string' ? own : proxyFor(cluster.server, environment);
  const through = (url: string | undefined): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': wanted,
      contexts: [{ name: wanted, context: chosen }],
      clusters: [
        { name: chosen.cluster, cluster: url === undefined ? cluster : { ...cluster, 'proxy-url': url } },
      ],
      users: [{ name: chosen.user, user }],
    });
  const narrowed = through(proxy);
  const config = new KubeConfig();
  try {
    config.loadFromString(narrowed);
  } catch {
    // The library's message may quote what it could not read.
    throw new KubeconfigError(`the kubeconfig's entries for context "${wanted}" can't be read`);
  }
  return {
    destination: { context: wanted, server: cluster.server, user: chosen.user ?? '' },
    config,
    text: narrowed,
    proxy,
    through,
  };
}

function parseFile(text: string): KubeconfigFile {
  let file: unknown;
  try {
    file = parse(text, { logLevel: 'silent' });
  } catch {
    file = undefined;
  }
  if (typeof file !== 'object' || file === null || !('clusters' in file)) {
    throw new KubeconfigError(
      'the input kubeconfig is not a kubeconfig: it should be YAML (or its base64) with clusters, users and contexts',
    );
  }
  return file as KubeconfigFile;
}

/** The proxy that the environment names for a server, or undefined. Follows curl's and Go's conventions. */
export function proxyFor(server: string, environment: NodeJS.ProcessEnv): string | undefined {
  const url = new URL(server);
  const read = (name: string): string | undefined =>
    nonEmpty(environment[name.toUpperCase()]) ?? nonEmpty(environment[name]);
  const proxy = url.protocol === 'https:' ? read('https_proxy') : read('http_proxy');
  if (proxy === undefined || isLoopback(url.hostname)) return undefined;
  const excluded = (read('no_proxy') ?? '').split(',').map((entry) => entry.trim());
  const bypass = excluded.some((entry) => {
    if (entry === '') return false;
    if (entry === '*') return true;
    const host = entry.replace(/^\*?\./, '');
    return url.hostname === host || url.hostname.endsWith(`.${host}`);
  });
  return bypass ? undefined : proxy;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
}
