import { KubeConfig } from '@kubernetes/client-node';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { type CommandRunner, processRunner } from '../process/command.ts';
import { type OutsideCredential, type OutsideUser, outsideCredential } from './authenticator.ts';
import { proxyFor } from './proxy.ts';

/** The kubeconfig can't be used as it is. The text never holds anything of its content but names. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

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
  /** The same as text, through another proxy. A secret. */
  readonly through: (proxy: string) => string;
}

type Entry = Readonly<Record<string, unknown>>;

interface Named {
  readonly name?: string;
}

interface KubeconfigFile {
  readonly clusters?: readonly (Named & { readonly cluster?: Entry })[];
  readonly users?: readonly (Named & { readonly user?: Entry })[];
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
 * @param environment for proxies: client-node knows `proxy-url` only, and istioctl must go the same way; and for
 * exec plugins
 * @param directory where relative paths in it start: a kubeconfig from a secret lies nowhere, so the workspace
 * @throws KubeconfigError naming what is missing, and what there is instead
 */
export function readKubeconfig(
  text: string,
  context: string,
  environment: NodeJS.ProcessEnv = {},
  { directory = process.cwd(), runner = processRunner }: { directory?: string; runner?: CommandRunner } = {},
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
  const cluster = located(file.clusters?.find((entry) => entry.name === chosen.cluster)?.cluster, directory);
  if (cluster === undefined || typeof cluster.server !== 'string') {
    throw new KubeconfigError(
      `context "${wanted}" names cluster "${chosen.cluster ?? ''}", which the kubeconfig does not describe`,
    );
  }
  const user = located(file.users?.find((entry) => entry.name === chosen.user)?.user, directory);
  if (user === undefined) {
    throw new KubeconfigError(
      `context "${wanted}" names user "${chosen.user ?? ''}", which the kubeconfig does not describe`,
    );
  }
  const own = cluster['proxy-url'];
  const proxy = typeof own === 'string' ? own : proxyFor(cluster.server, environment);
  const write = (url: string | undefined, as: Entry): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': wanted,
      contexts: [{ name: wanted, context: chosen }],
      clusters: [
        { name: chosen.cluster, cluster: url === undefined ? cluster : { ...cluster, 'proxy-url': url } },
      ],
      users: [{ name: chosen.user, user: as }],
    });
  const outside = outsideCredential(user, { runner, env: environment, cluster });
  const config = (): KubeConfig =>
    load(write(proxy, outside === undefined ? user : withoutOutside(user)), wanted, outside);
  return {
    destination: {
      context: wanted,
      server: cluster.server,
      user: chosen.user ?? '',
      skipsVerification: cluster['insecure-skip-tls-verify'] === true,
    },
    config: config(),
    renewed: () => {
      outside?.forget();
      return config();
    },
    text: write(proxy, user),
    proxy,
    through: (url) => write(url, user),
  };
}

function load(text: string, context: string, outside: OutsideCredential | undefined): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
  } catch {
    // The library's message may quote what it could not read.
    throw new KubeconfigError(`the kubeconfig's entries for context "${context}" can't be read`);
  }
  if (outside !== undefined) config.addAuthenticator(outside);
  return config;
}

/** What {@link outsideCredential} does; where there is a file with a token, it is taken rather than a token beside it. */
function withoutOutside(user: Entry): Entry {
  const left = Object.entries(user).filter(([key]) => key !== 'exec' && key !== 'tokenFile');
  return Object.fromEntries(left.filter(([key]) => key !== 'token' || user.tokenFile === undefined));
}

const FILES = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/** An entry with absolute paths: istioctl would take relative ones from where its own copy of the file lies. */
function located<T extends Entry | undefined>(entry: T, directory: string): T {
  if (entry === undefined) return entry;
  const files = FILES.filter((key) => typeof entry[key] === 'string' && entry[key] !== '').map((key) => [
    key,
    resolve(directory, entry[key] as string),
  ]);
  const { exec } = entry as OutsideUser;
  const command = exec?.command;
  return {
    ...entry,
    ...(Object.fromEntries(files) as Entry),
    // A bare name is looked for on PATH.
    ...(command?.includes('/') === true ? { exec: { ...exec, command: resolve(directory, command) } } : {}),
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

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
}
