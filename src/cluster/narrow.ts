import { resolve } from 'node:path';
import { IDENTITY_OF_WORKFLOW } from '../process/environment.ts';
import type { ExecConfig } from './exec-plugin.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import type { Entry, KubeconfigContext, KubeconfigFile } from './kubeconfig-file.ts';

/** The one context of a kubeconfig that is used, with what it names. */
export interface Narrowed {
  readonly name: string;
  readonly chosen: KubeconfigContext;
  readonly cluster: { readonly name: string; readonly entry: Entry };
  readonly user: { readonly name: string; readonly entry: Entry };
}

/**
 * Picks a context, its cluster and its user; nothing of the others is kept.
 *
 * @param context empty for the current one
 * @param directory where relative paths start
 * @throws KubeconfigError naming what is missing, and what there is instead
 */
export function narrow(file: KubeconfigFile, context: string, directory: string): Narrowed {
  const wanted = context === '' ? (file['current-context'] ?? '') : context;
  const names = (file.contexts ?? []).map((entry) => entry.name ?? '');
  if (wanted === '') {
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
  if (cluster === undefined) throw missing(wanted, 'cluster', chosen.cluster);
  const user = file.users?.find((entry) => entry.name === chosen.user);
  if (user === undefined || (chosen.user ?? '') === '') throw missing(wanted, 'user', chosen.user);
  return {
    name: wanted,
    chosen,
    cluster: { name: chosen.cluster ?? '', entry: located(cluster, directory) },
    user: { name: chosen.user ?? '', entry: located(user.user ?? {}, directory) },
  };
}

function missing(context: string, what: string, name: string | undefined): KubeconfigError {
  return new KubeconfigError(
    `context "${context}" names ${what} "${name ?? ''}", which the kubeconfig does not describe`,
  );
}

const FILES = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/** An entry with absolute paths: istioctl would take relative ones from where its own copy of the file lies. */
export function located(entry: Entry, directory: string): Entry {
  const files = FILES.filter((key) => typeof entry[key] === 'string' && entry[key] !== '').map((key) => [
    key,
    resolve(directory, entry[key] as string),
  ]);
  const exec = entry.exec as ExecConfig | undefined;
  const command = exec?.command;
  return {
    ...entry,
    ...(Object.fromEntries(files) as Entry),
    // A bare name is looked for on PATH.
    ...(command?.includes('/') === true ? { exec: { ...exec, command: resolve(directory, command) } } : {}),
  };
}

/**
 * A user whose exec plugin, and nothing else, is given the variables by which a workflow proves who it is, where the job
 * has them (permission `id-token: write`): plugins of clouds and of Teleport trade them for a credential (issue 11). In
 * the kubeconfig, because istioctl starts the plugin itself and is not to see them.
 */
export function withIdentity(user: Entry, env: Readonly<Record<string, string | undefined>>): Entry {
  const exec = user.exec as ExecConfig | undefined;
  const own = exec?.env ?? [];
  const given = IDENTITY_OF_WORKFLOW.flatMap((name) => {
    const value = env[name];
    return value === undefined || value === '' || own.some((item) => item.name === name)
      ? []
      : [{ name, value }];
  });
  return exec === undefined || given.length === 0
    ? user
    : { ...user, exec: { ...exec, env: [...own, ...given] } };
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
}
